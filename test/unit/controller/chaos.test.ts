import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ALLOW, apiError, DENY, DENY_SPEC, World } from './world.ts';

const NAMES = ['shop', 'web', 'batch'];

/** What namespaces with these labels have in the end. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'default-deny': [ALLOW, DENY],
  'default-deny-egress': [ALLOW, DENY],
  'default-deny-ingress': [DENY],
  none: [],
};

type Step =
  | { readonly kind: 'label'; readonly name: string; readonly value: string; readonly isPending: boolean }
  | { readonly kind: 'drift'; readonly name: string; readonly policy: string; readonly isDeletion: boolean }
  | { readonly kind: 'faults'; readonly code: number | undefined }
  | { readonly kind: 'lag'; readonly isLagging: boolean }
  | { readonly kind: 'leader'; readonly isThere: boolean }
  | { readonly kind: 'wait'; readonly ms: number };

const name = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('label' as const),
    name,
    value: fc.constantFrom(...Object.keys(EXPECTED)),
    isPending: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('drift' as const),
    name,
    policy: fc.constantFrom(ALLOW, DENY),
    isDeletion: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('faults' as const), code: fc.constantFrom(undefined, 409, 422, 429, 500) }),
  fc.record({ kind: fc.constant('lag' as const), isLagging: fc.boolean() }),
  fc.record({ kind: fc.constant('leader' as const), isThere: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 100, 2000, 60_000) }),
);

/** World that things happen to, with a leader that comes and goes. */
class Turmoil {
  readonly world = new World();
  private stop: (() => Promise<void>) | undefined;

  async take(step: Step): Promise<void> {
    const { world } = this;
    switch (step.kind) {
      case 'label':
        world.putNamespace(step.name, {
          'netpol-guard.io/baseline': step.value,
          ...(step.isPending && { 'netpol-guard.io/baseline-status': 'pending' }),
        });
        break;
      case 'drift':
        if (world.policy(step.name, step.policy) === undefined) break;
        if (step.isDeletion) world.removePolicy(step.name, step.policy);
        else world.putPolicy(step.name, step.policy, { ...DENY_SPEC, egress: [{}] });
        break;
      case 'faults':
        world.fault = () => {
          if (step.code !== undefined) throw apiError(step.code, 'Fault');
        };
        break;
      case 'lag':
        if (step.isLagging) world.isLagging = true;
        else world.catchUp();
        break;
      case 'leader':
        await this.lead(step.isThere);
        break;
      case 'wait':
        await world.clock.advance(step.ms);
    }
  }

  async lead(isThere: boolean): Promise<void> {
    if (isThere === (this.stop !== undefined)) return;
    await this.stop?.();
    this.stop = isThere ? await this.world.lead() : undefined;
  }

  /** All is well again, for as long as it takes. */
  async calm(): Promise<void> {
    await this.take({ kind: 'faults', code: undefined });
    await this.take({ kind: 'lag', isLagging: false });
    await this.lead(true);
    await this.world.clock.advance(20 * 60_000);
  }
}

test('whatever happens, in the end every namespace has what its label says, and nothing is left to do', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const turmoil = new Turmoil();
      const { world } = turmoil;
      for (const namespace of NAMES) {
        world.putNamespace(namespace, { 'netpol-guard.io/baseline': 'default-deny' });
        world.putPolicy(namespace, 'mine', DENY_SPEC);
      }
      await turmoil.lead(true);
      for (const step of steps) await turmoil.take(step);
      await turmoil.calm();
      for (const namespace of NAMES) {
        const labels = world.labelsOf(namespace);
        const template = labels['netpol-guard.io/baseline'] ?? '';
        expect(world.policies(namespace)).toEqual(['mine', ...(EXPECTED[template] ?? [])]);
        expect(labels).not.toHaveProperty(['netpol-guard.io/baseline-status']);
        expect(JSON.stringify(world.policy(namespace, DENY)?.spec ?? {})).not.toContain('"egress":[{}]');
      }
      const before = world.writes.length;
      await world.clock.advance(60 * 60_000);
      expect(world.writes.slice(before)).toEqual([]);
      await turmoil.lead(false);
      expect(world.clock.sleeping).toBe(0);
    }),
    { numRuns: 60 },
  );
}, 120_000);
