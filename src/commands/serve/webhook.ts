import { createGateHandler } from '../../admission/handlers/gate.ts';
import { createMutationHandler } from '../../admission/handlers/mutate.ts';
import { createNamespaceHandler } from '../../admission/handlers/namespaces.ts';
import { createOptOutHandler } from '../../admission/handlers/opt-out.ts';
import { createPolicyHandler } from '../../admission/handlers/policies.ts';
import { createUnjudgedHandler } from '../../admission/handlers/unjudged.ts';
import type { HandlerContext, ReviewHandler } from '../../admission/review/handler.ts';
import type { PathOptions } from '../../admission/server/path-secret.ts';
import { type AdmissionServer, createAdmissionServer, type ServerOptions } from '../../admission/server/server.ts';
import { DIALECTS, type Dialects } from '../../policy/dialects/dialects.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { addressesOf, isJudged } from '../../policy/model/dialect.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { Time } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Metrics } from './metrics/admission.ts';
import type { Facts } from './snapshot-source.ts';

/** WebhookParts are the inputs of the webhook. */
export interface WebhookParts {
  readonly facts: Facts;
  readonly settings: () => Settings;
  readonly readLarge: NonNullable<ServerOptions['readLarge']>;
  readonly security: Pick<ServerOptions, 'tls' | 'clientNames' | keyof PathOptions>;
  readonly clock: Time;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The policy APIs that are read; DIALECTS by default. */
  readonly dialects?: Dialects | undefined;
}

/** createWebhook puts the webhook's paths together, each with what answers there. It does not listen by itself. */
export function createWebhook({
  facts,
  settings,
  readLarge,
  security,
  clock,
  metrics,
  log,
  dialects = DIALECTS,
}: WebhookParts): AdmissionServer {
  const context: HandlerContext = {
    evaluate,
    settings,
    gatherSnapshot: facts.snapshot,
    live: facts.live,
    clock,
    observer: metrics.admission,
  };
  const routes = new Map([
    ['/validate', new Map([...dialectHandlers(context, dialects), ['v1/namespaces', createNamespaceHandler(context)]])],
    ['/mutate', new Map([['v1/namespaces', createMutationHandler(context, log)]])],
    ['/opt-out', new Map([['v1/namespaces', createOptOutHandler(context)]])],
    ['/gate', new Map([['v1/pods', createGateHandler(context, facts.live)]])],
  ]);
  return createAdmissionServer({
    routes,
    readLarge,
    ...security,
    notReady: facts.notReady,
    clock,
    observer: metrics.admission,
    log,
  });
}

/** By where the API server has the kind. */
function dialectHandlers(context: HandlerContext, dialects: Dialects): readonly (readonly [string, ReviewHandler])[] {
  return dialects.kinds.flatMap((kind) => {
    const handler = isJudged(kind) ? createPolicyHandler(context, kind) : createUnjudgedHandler(kind);
    return addressesOf(kind).map((address) => [address, handler] as const);
  });
}
