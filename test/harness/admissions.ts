import { setTimeout as pause } from 'node:timers/promises';
import type { AuditEvent } from './audit-log.ts';
import type { Connected } from './connected.ts';

/** Admissions are writes by dry run that go on until they are stopped, each of which asks the webhook. */
export interface Admissions {
  /** How many have been answered. */
  count(): number;
  /** Sentences: answers that are not what they have to be. */
  readonly faults: readonly string[];
  /** Milliseconds that each took. */
  readonly times: readonly number[];
  /** Ends them, once all are answered. */
  stop(): Promise<void>;
}

/** Enough where an answer takes 40 ms; more would only wait for each other where it takes longer. */
const MOST_CLIENTS = 8;

/** keepAdmitting asks so many times a second, or as often as the machine holds: what is to be let in, and what is not. */
export function keepAdmitting({ api }: Pick<Connected, 'api'>, namespace: string, perSecond: number): Admissions {
  const faults: string[] = [];
  const times: number[] = [];
  const policies = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies?dryRun=All`;
  const asks = [
    { path: policies, body: policy('closed', []), status: 201 },
    { path: '/api/v1/namespaces?dryRun=All', body: { metadata: { generateName: 'dry-' } }, status: 201 },
    { path: policies, body: policy('open', [{}]), status: 403 },
    { path: policies, body: policy('closed', []), status: 201 },
  ];
  const began = performance.now();
  let asked = 0;
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) {
      const index = asked;
      asked += 1;
      // What is late is asked for at once, so that a slow moment is made up for.
      await pause(Math.max(0, began + (index * 1000) / perSecond - performance.now()));
      const ask = asks[index % asks.length];
      if (ask === undefined) throw new Error('there is something to ask');
      const from = performance.now();
      try {
        const { status, body } = await api.request('POST', ask.path, ask.body);
        if (status !== ask.status) faults.push(`${status}, not ${ask.status}: ${JSON.stringify(body)}`);
      } catch (error) {
        faults.push(String(error));
      }
      times.push(performance.now() - from);
    }
  };
  const clients = Array.from({ length: Math.min(MOST_CLIENTS, Math.ceil(perSecond / 5)) }, client);
  return {
    count: () => times.length,
    faults,
    times,
    stop: async () => {
      isOver = true;
      await Promise.all(clients);
    },
  };
}

/** failedOpen are the requests since a moment that the API server let through though a webhook had not answered. */
export function failedOpen(events: readonly AuditEvent[], since: Date): readonly AuditEvent[] {
  return events
    .filter(({ requestReceivedTimestamp }) => new Date(requestReceivedTimestamp) >= since)
    .filter(({ annotations = {} }) => Object.keys(annotations).some((key) => key.startsWith('failed-open.')));
}

function policy(name: string, egress: readonly object[]): object {
  return {
    metadata: { name },
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      policyTypes: ['Ingress', ...(egress.length > 0 ? ['Egress'] : [])],
      egress,
    },
  };
}
