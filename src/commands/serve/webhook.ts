import { createGateHandler } from '../../admission/handlers/gate.ts';
import { createMutationHandler } from '../../admission/handlers/mutate.ts';
import { createNamespaceHandler } from '../../admission/handlers/namespaces.ts';
import { createOptOutHandler } from '../../admission/handlers/opt-out.ts';
import { createPolicyHandler } from '../../admission/handlers/policies.ts';
import type { HandlerContext, ReviewHandler } from '../../admission/review/handler.ts';
import type { PathOptions } from '../../admission/server/path-secret.ts';
import { type AdmissionServer, createAdmissionServer, type ServerOptions } from '../../admission/server/server.ts';
import { DIALECTS } from '../../policy/dialects/dialects.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { addressesOf } from '../../policy/model/dialect.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { Time } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from './metrics/admission.ts';
import type { Facts } from './snapshot-source.ts';

/** WebhookParts are what the webhook is put together from. */
export interface WebhookParts {
  readonly facts: Facts;
  readonly settings: () => Settings;
  readonly readLarge: NonNullable<ServerOptions['readLarge']>;
  readonly security: Pick<ServerOptions, 'tls' | 'clientNames' | keyof PathOptions>;
  readonly clock: Time;
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
  const judging: HandlerContext = {
    evaluate,
    settings,
    gatherSnapshot: facts.snapshot,
    ...(facts.live && { live: facts.live }),
    clock,
    observer: metrics.admission,
  };
  const routes = new Map([
    ['/validate', new Map([...policyHandlers(judging), ['v1/namespaces', createNamespaceHandler(judging)]])],
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

/** By where the API server has the kind. */
function policyHandlers(judging: HandlerContext): readonly (readonly [string, ReviewHandler])[] {
  return DIALECTS.policies.flatMap((kind) => {
    const handler = createPolicyHandler(judging, kind);
    return addressesOf(kind).map((address) => [address, handler] as const);
  });
}
