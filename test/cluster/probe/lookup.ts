import { randomInt } from 'node:crypto';
import { promises as dns } from 'node:dns';
import { setTimeout as pause } from 'node:timers/promises';
import { type DnsAnswer, decodeAnswer, encodeQuery } from './dns-message.ts';
import { exchangeOverTcp, exchangeOverUdp } from './exchange.ts';
import type { Lookup, LookupOutcome, Resolve, ResolveOutcome } from './operation.ts';

const DNS_PORT = 53;

/** lookup asks one server, and again where there is silence: a datagram may be lost for no policy's sake. */
export async function lookup({ tries = 1, ...ask }: Lookup): Promise<LookupOutcome> {
  let outcome = await askOnce(ask);
  for (let i = 1; i < tries && outcome.outcome === 'timeout'; i++) outcome = await askOnce(ask);
  return outcome;
}

async function askOnce({ server, port = DNS_PORT, protocol, name, timeoutMs }: Lookup): Promise<LookupOutcome> {
  const id = randomInt(0x10000);
  const query = encodeQuery(id, name);
  const to = { host: server, port, timeoutMs };
  const own = (message: Buffer) => {
    const answer = decodeAnswer(message);
    return answer?.id === id ? answer : undefined;
  };
  const answer =
    protocol === 'udp'
      ? await exchangeOverUdp(to, query, own)
      : await exchangeOverTcp(to, framed(query), (received) => {
          const message = unframed(received);
          return message && own(message);
        });
  if (typeof answer === 'string') return { outcome: answer };
  return said(answer);
}

function said({ rcode, addresses }: DnsAnswer): LookupOutcome {
  return rcode === 0 ? { outcome: 'answer', addresses } : { outcome: 'rcode', rcode };
}

/** Over TCP a message goes behind its length (RFC 1035, 4.2.2). */
function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

function unframed(received: Buffer): Buffer | undefined {
  if (received.length < 2) return undefined;
  const length = received.readUInt16BE(0);
  return received.length < length + 2 ? undefined : received.subarray(2, length + 2);
}

/** resolve asks as an application does, by getaddrinfo. */
export async function resolve({ name, timeoutMs }: Resolve): Promise<ResolveOutcome> {
  const given = new AbortController();
  const late = pause(timeoutMs, { outcome: 'timeout' } as const, { signal: given.signal });
  const answer = dns.lookup(name, { all: true, family: 4 }).then(
    (found): ResolveOutcome => ({ outcome: 'answer', addresses: found.map(({ address }) => address) }),
    (error: unknown): ResolveOutcome => ({ outcome: 'failed', code: codeOf(error) }),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    given.abort();
    late.catch(() => undefined);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
