import { afterAll, beforeAll, inject } from 'vitest';
import { applyPolicies, compiled, removePolicies, renderPolicies } from './admission-policies.ts';
import { demandRights } from './audit-log.ts';
import { type Connected, connect } from './connected.ts';
import { type Guard, type GuardOptions, startGuard } from './guard.ts';
import { OURSELVES, renewRelease } from './release.ts';
import { registerWebhooks, unregisterWebhooks, type Way } from './webhooks.ts';

/** Fixture is what a test file works with: the cluster of the run, with a netpol-guard of its own in it. */
export interface Fixture extends Connected {
  readonly guard: Guard;
}

/** FixtureOptions are the guard's, and how the API server reaches it. */
export interface FixtureOptions extends GuardOptions {
  readonly reach?: Way;
}

/**
 * useCluster gives a test file its fixture: netpol-guard starts before its tests, with its webhooks and admission policies,
 * and is gone after them.
 */
export function useCluster(options: FixtureOptions = {}): Fixture {
  const connected = connect(inject('controlPlane'));
  const { address, kubectl, api } = connected;
  const ourselves = connected.clientOf(OURSELVES);
  let guard: Guard | undefined;

  beforeAll(async () => {
    await renewRelease(api);
    guard = await startGuard(inject('bundle'), address, kubectl, options);
    await applyPolicies(renderPolicies(options.config), kubectl, ourselves);
    const { settings } = compiled(options.config);
    const { excludedNamespaces } = settings.baseline;
    await registerWebhooks({ ...guard, excludedNamespaces }, options.reach ?? 'url', kubectl, api);
  });
  afterAll(async () => {
    await unregisterWebhooks(kubectl, api);
    await removePolicies(kubectl, ourselves);
    await guard?.process.stop('SIGKILL');
    await connected.close();
    demandRights(connected.auditLog(), OURSELVES);
  });

  return {
    ...connected,
    get guard() {
      if (guard === undefined)
        throw new Error('netpol-guard runs in tests and hooks alone, not while tests are collected');
      return guard;
    },
  };
}
