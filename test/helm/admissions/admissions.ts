import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, ApiClient } from '../../harness/api-client.ts';
import { policyPath } from '../../harness/policies.ts';
import { BIRTH, NAMESPACE, type Operation, POLICIES, type Reading, STANDING } from './operations.ts';

/** Fault is an admission that did not go as it should. */
export interface Fault {
  readonly at: Date;
  readonly operation: string;
  readonly reading: Reading;
  readonly milliseconds: number;
  readonly answer: string;
}

/** Counts are what came of admissions. */
export interface Counts {
  readonly total: number;
  readonly seconds: number;
  readonly readings: Readonly<Record<Reading, number>>;
  /** Those that went wrong, in the order in which they were answered. */
  readonly faults: readonly Fault[];
  readonly slowestMs: number;
}

/** Admissions are asked for all the time, until they are stopped. */
export interface Admissions {
  /** What came of them since the last count, and begins the next. */
  count(): Counts;
  /** How many since then. */
  sofar(): number;
  /** Returns what came of the last ones, once all are answered. */
  stop(): Promise<Counts>;
}

/** How many a second, unless said otherwise: a fraction of what two processors hold, since pods start beside it. */
export const RATE = 40;
export const CLIENTS = 8;
/** A namespace for every so many policies. */
const BIRTH_EVERY = 80;

/** AdmissionOptions are what cases vary. */
export interface AdmissionOptions {
  /** How many a second, at most. */
  readonly rate?: number;
  /** Who asks: the admin, if nothing is said. */
  readonly writer?: ApiClient;
  /** Asked in turn with all others. */
  readonly more?: readonly Operation[];
}

/**
 * startAdmissions makes the namespace for them, and asks for admissions over kept connections: nobody asks twice, so what
 * fails is seen to fail.
 */
export async function startAdmissions(api: ApiClient, options: AdmissionOptions = {}): Promise<Admissions> {
  const { rate = RATE, writer = api, more = [] } = options;
  const everyTurn = [...POLICIES, ...more];
  await furnish(api);
  let counted = empty();
  let turn = 0;
  let isStopped = false;
  const run = randomBytes(4).toString('hex');
  const intervalMs = (1000 * CLIENTS) / rate;

  const ask = async ({ name, ask, read }: Operation, own: string): Promise<void> => {
    const began = performance.now();
    const answer = await ask(writer, own).catch((error: unknown) => String(error));
    const milliseconds = performance.now() - began;
    const reading = typeof answer === 'string' ? 'no API server' : readAny(answer, read);
    counted.total += 1;
    counted.readings[reading] += 1;
    counted.slowestMs = Math.max(counted.slowestMs, milliseconds);
    if (reading !== 'admitted' && reading !== 'judged') {
      const said = typeof answer === 'string' ? answer : `${answer.status} ${messageOf(answer)}`;
      counted.faults.push({ at: new Date(), operation: name, reading, milliseconds, answer: said });
    }
    // Who is late does not hurry: the rate is an upper bound.
    await pause(Math.max(0, intervalMs - milliseconds));
  };

  const client = async (number: number): Promise<void> => {
    await pause((intervalMs * number) / CLIENTS);
    while (!isStopped) {
      turn += 1;
      const own = `admission-${run}-${turn}`;
      for (const operation of everyTurn) await ask(operation, own);
      if (turn % (BIRTH_EVERY / POLICIES.length) === 0) for (const operation of BIRTH) await ask(operation, own);
    }
  };
  const clients = Promise.all(Array.from({ length: CLIENTS }, (_, number) => client(number)));

  const count = (): Counts => {
    const { began, ...rest } = counted;
    counted = empty();
    return { ...rest, seconds: (performance.now() - began) / 1000 };
  };
  return {
    count,
    sofar: () => counted.total,
    stop: async () => {
      isStopped = true;
      await clients;
      return count();
    },
  };
}

function empty() {
  const readings: Record<Reading, number> = {
    admitted: 0,
    judged: 0,
    'not judged': 0,
    'failed call': 0,
    'no API server': 0,
    unexpected: 0,
  };
  return { began: performance.now(), total: 0, readings, faults: [] as Fault[], slowestMs: 0 };
}

/** furnish makes the namespace that policies are written in, if it is not there yet, and what stands in it. */
export async function furnish(api: ApiClient): Promise<void> {
  const labels = { 'netpol-guard.io/baseline': 'none' };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } };
  const made = [await api.request('POST', '/api/v1/namespaces', namespace)];
  // Of a run before that was cut short.
  await api.request('DELETE', policyPath(NAMESPACE));
  for (const policy of STANDING) made.push(await api.request('POST', policyPath(NAMESPACE), policy));
  const fault = made.find(({ status }) => status !== 201 && status !== 409);
  if (fault !== undefined) throw new Error(`namespace ${NAMESPACE}: ${messageOf(fault)}`);
}

/** How the API server words it: `apiserver/pkg/util/webhook/error.go` and `apiserver/pkg/admission/plugin/webhook`. */
function readAny(answer: Answer, read: Operation['read']): Reading {
  return answer.status >= 500 && messageOf(answer).includes('failed calling webhook') ? 'failed call' : read(answer);
}

function messageOf({ body }: Answer): string {
  const isStatus = typeof body === 'object' && body !== null && 'message' in body;
  return isStatus ? String(body.message) : JSON.stringify(body).slice(0, 300);
}
