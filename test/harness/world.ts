import { inject } from 'vitest';
import { findPrograms } from '../../programs/control-plane.ts';
import { applyPolicies, renderPolicies } from './admission-policies.ts';
import { demandRights } from './audit-log.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import { type Connected, connect } from './connected.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
import { type Guard, type GuardOptions, startGuard } from './guard.ts';
import { installRelease, leaderOf, OURSELVES } from './release.ts';
import { createServing } from './serving.ts';
import { type AnswerOptions, type DelayOf, startSlowProxy } from './slow-proxy.ts';
import { until } from './until.ts';
import { registerWebhooks, type Way } from './webhooks.ts';

/** WorldOptions are what cases vary. */
export interface WorldOptions extends ControlPlaneOptions, AnswerOptions, Pick<GuardOptions, 'config' | 'env'> {
  /** See GuardOptions; a certificate that all share, if nothing is said. */
  readonly serving?: 'kept';
  /** By address, if nothing is said. */
  readonly reach?: Way;
  /** One, if nothing is said. */
  readonly replicas?: number;
  /** See GuardOptions; asked for each replica that starts. */
  readonly memoryOf?: (replica: string) => Pick<GuardOptions, 'memory' | 'env'>;
  /** Requests of netpol-guard that are held back on their way to the API server. */
  readonly delayOf?: DelayOf;
}

/** World is a cluster of one case's own, to break: a control plane, and replicas of netpol-guard behind one address. */
export interface World extends Connected {
  readonly controlPlane: ControlPlane;
  readonly guards: readonly Guard[];
  /** The API server reaches the webhook through it. */
  readonly balancer: Balancer;
  /** Starts one more replica, which the balancer does not know of. */
  start(replica: string, config?: GuardOptions['config'], apiServer?: GuardOptions['apiServer']): Promise<Guard>;
  /** Waits until one of the guards holds the Lease. */
  leader(): Promise<Guard>;
  stop(): Promise<void>;
}

/** startWorld starts all of it, with the webhooks registered and the admission policies in force. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { replicas = 1, config = {}, env = {}, delayOf, memoryOf } = options;
  const controlPlane = await startControlPlane(await findPrograms(inject('release')), options);
  const connected = connect(controlPlane.address);
  const { address, kubectl, api } = connected;
  const guards: Guard[] = [];
  const closers = [controlPlane.stop, connected.close];
  const stop = async (): Promise<void> => {
    await Promise.all(guards.map((guard) => guard.process.stop('SIGKILL')));
    const auditLog = connected.auditLog();
    for (const close of closers.toReversed()) await close();
    demandRights(auditLog, OURSELVES);
  };
  try {
    await installRelease(kubectl);
    const serving = options.serving ?? createServing(address.folder);
    const proxy = delayOf && (await startSlowProxy(address, delayOf, options));
    closers.push(async () => proxy?.close());
    const balancer = await startBalancer();
    closers.push(async () => balancer.close());
    const start: World['start'] = async (replica, more = config, through = proxy) => {
      const apiServer = through && { apiServer: through };
      const guard = await startGuard(inject('bundle'), address, kubectl, {
        config: more,
        env,
        replica,
        serving,
        ...apiServer,
        ...memoryOf?.(replica),
      });
      guards.push(guard);
      return guard;
    };
    await Promise.all(Array.from({ length: replicas }, (_, index) => start(`netpol-guard-${index}`)));
    balancer.route(guards.map(({ port }) => port));
    const caBundle = serving === 'kept' ? undefined : serving.caBundle;
    const reached = { url: `https://127.0.0.1:${balancer.port}`, port: balancer.port, caBundle };
    await applyPolicies(renderPolicies(config), kubectl, connected.clientOf(OURSELVES));
    await registerWebhooks(reached, options.reach ?? 'url', kubectl, api);
    const leader = () =>
      until('a leader', async () => {
        const holder = await leaderOf(api);
        return guards.find(({ replica, process }) => replica === holder && process.exitCode() === undefined);
      });
    return { ...connected, controlPlane, guards, balancer, start, leader, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
