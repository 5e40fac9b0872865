import { unlessAborted } from '../runtime/abort.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { CredentialsError } from './access/credentials.ts';
import { type CredentialSources, loadCredentials } from './access/load-credentials.ts';
import { ApiError } from './api/api-error.ts';
import { Client } from './api/client.ts';
import { ENDPOINT_SLICES, NAMESPACES, NETWORK_POLICIES, PODS, type Resource, SERVICES } from './api/resource.ts';
import { ServerTime } from './api/server-time.ts';
import type { RequestObserver } from './api/transport.ts';
import { contactProblem } from './contact-problem.ts';

/** ConnectionOptions select the API server, and how netpol-guard identifies itself to it. */
export interface ConnectionOptions extends CredentialSources {
  readonly clock: Clock;
  /** Such as `netpol-guard/1.2.3`. */
  readonly userAgent: string;
  readonly logger: Logger;
  readonly onRequest: RequestObserver;
}

/** Connection is a way to talk to one API server. */
export interface Connection {
  readonly client: Client;
  /** The API server's time, in milliseconds since the epoch. */
  readonly serverNow: () => number;
  /** Which cluster is meant, as messages name it: `context "main" of ~/.kube/config`. */
  readonly origin: string;
  /**
   * firstContact asks for one object of each collection that verdicts depend on, so that what cannot succeed fails at
   * once: following a cluster retries forever. `dnsNamespaces` are the namespaces searched for DNS servers. Throws what
   * problemOf explains.
   */
  firstContact(dnsNamespaces: readonly string[], signal: AbortSignal): Promise<void>;
  /** problemOf explains in one sentence why a call failed, and what to do. */
  problemOf(error: unknown): string;
}

/** A plugin has a minute, in which someone may log in; OpenID Connect has no limit of its own. */
const CREDENTIALS_MS = 70_000;
/** kubectl waits for 32 s; an API server that works answers in one. */
const FIRST_ANSWER_MS = 10_000;

/**
 * openConnection prepares to talk to an API server; nothing is sent yet. Throws an Error if it cannot tell which one.
 */
export function openConnection({ userAgent, logger, onRequest, ...sources }: ConnectionOptions): Connection {
  const { clock } = sources;
  const time = new ServerTime(() => clock.now(), logger);
  const credentials = loadCredentials(sources);
  const client = new Client({ credentials, clock, userAgent, onRequest, onServerTime: (heard) => time.heard(heard) });
  return {
    client,
    serverNow: () => time.now(),
    origin: credentials.origin,
    firstContact: async (dnsNamespaces, signal) => {
      const late = new CredentialsError(`no credentials within ${CREDENTIALS_MS / 1000} s; log in, and run this again`);
      await within(CREDENTIALS_MS, credentials.access(), late);
      const options = { signal, query: { limit: 1 }, timeoutMs: FIRST_ANSWER_MS };
      const collections = collectionsOf(dnsNamespaces);
      await Promise.all(collections.map((collection) => client.list(collection, options).catch(unlessBusy)));
    },
    problemOf: (error) => contactProblem(error, credentials),
  };
}

function collectionsOf(dnsNamespaces: readonly string[]): readonly Resource[] {
  const ofDns = dnsNamespaces.flatMap((namespace) => [PODS, ENDPOINT_SLICES].map((kind) => ({ ...kind, namespace })));
  return [NAMESPACES, NETWORK_POLICIES, ...(ofDns.length === 0 ? [] : [SERVICES, ...ofDns])];
}

/** Throws `late` once the time is over. */
function within<T>(milliseconds: number, work: Promise<T>, late: Error): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(late), milliseconds);
  return unlessAborted(work, limit.signal).finally(() => clearTimeout(timer));
}

/** A 429 answer is retried later. */
function unlessBusy(error: unknown): void {
  if (!(error instanceof ApiError && error.code === 429)) throw error;
}
