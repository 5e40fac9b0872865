import { createGateHandler } from './admission/gate.ts';
import { createMutationHandler } from './admission/mutate.ts';
import { createNamespaceHandler } from './admission/namespaces.ts';
import type { Clock, Logger } from './admission/observer.ts';
import { createOptOutHandler } from './admission/opt-out.ts';
import type { PathOptions } from './admission/path-secret.ts';
import { createPolicyHandler, type Judging } from './admission/policies.ts';
import { type AdmissionServer, createAdmissionServer, type ServerOptions } from './admission/server.ts';
import type { Facts } from './facts.ts';
import type { Metrics } from './metrics.ts';
import { evaluate } from './policy/evaluate.ts';
import type { Settings } from './policy/settings.ts';

/** WebhookParts are what the webhook is put together from. */
export interface WebhookParts {
  readonly facts: Facts;
  readonly settings: () => Settings;
  readonly readLarge: NonNullable<ServerOptions['readLarge']>;
  readonly security: Pick<ServerOptions, 'tls' | 'clientNames' | keyof PathOptions>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** createWebhook puts the webhook's paths together, each with what answers there. It listens nowhere by itself. */
export function createWebhook({
  facts,
  settings,
  readLarge,
  security,
  clock,
  metrics,
  log,
}: WebhookParts): AdmissionServer {
  const judging: Judging = {
    evaluate,
    settings,
    gatherSnapshot: facts.snapshot,
    ...(facts.live && { live: facts.live }),
    clock,
    observer: metrics.admission,
  };
  const routes = new Map([
    [
      '/validate',
      new Map([
        ['networking.k8s.io/v1/networkpolicies', createPolicyHandler(judging)],
        ['v1/namespaces', createNamespaceHandler(judging)],
      ]),
    ],
    ['/mutate', new Map([['v1/namespaces', createMutationHandler(judging, log)]])],
    ['/opt-out', new Map([['v1/namespaces', createOptOutHandler(judging)]])],
    ['/gate', new Map([['v1/pods', createGateHandler(judging, facts.live)]])],
  ]);
  return createAdmissionServer({
    routes,
    readLarge,
    ...security,
    missing: facts.missing,
    clock,
    observer: metrics.admission,
    log,
  });
}
