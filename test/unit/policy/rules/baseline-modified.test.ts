import { describe, expect, it } from 'vitest';
import { readNetworkPolicy } from '../../../../src/policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../../../src/policy/evaluate.ts';
import type { Change } from '../../../../src/policy/model/change.ts';
import type { Finding } from '../../../../src/policy/model/finding.ts';
import type { Policy } from '../../../../src/policy/model/policy.ts';
import type { Settings } from '../../../../src/policy/model/settings.ts';
import type { ClusterSnapshot } from '../../../../src/policy/model/snapshot.ts';
import type { Template } from '../../../../src/policy/model/template.ts';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { lookForRepairs } from '../../../../src/policy/repairs/repairs.ts';
import { desiredPolicies } from '../../../../src/policy/templates/desired.ts';
import { repairName } from '../../../../src/policy/templates/repair-name.ts';
import { deny, policy, SETTINGS, type Spec } from '../fixtures.ts';
import { ENTANGLED, needy } from '../repairs/entangled.ts';

const OWN: Settings = { ...SETTINGS, ownUser: 'system:serviceaccount:netpol-guard:netpol-guard' };
const DEFAULT_DENY: Template = { name: 'default-deny', items: [{ part: 'allow-dns' }, { part: 'default-deny' }] };
const LABEL = { 'app.kubernetes.io/managed-by': 'netpol-guard' };

/** A live cluster with one namespace, and DNS where kube-dns is. */
function clusterOf(template: string | undefined, stored: readonly Policy[] = []): ClusterSnapshot {
  const labels = new Map(template === undefined ? [] : [['netpol-guard.io/baseline', template]]);
  const world = { namespaces: [{ name: 'shop', labels, terminating: false }], policies: stored, otherPolicies: [] };
  const snapshot = offlineSnapshot(world, SETTINGS);
  return { ...snapshot, dns: { ...snapshot.dns, discovered: true, worlds: snapshot.dns.worlds.slice(0, 1) } };
}

const CLUSTER = clusterOf('default-deny');

function desired(name: string): Spec {
  const found = desiredPolicies(DEFAULT_DENY, CLUSTER).policies.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return { ...found.spec };
}

const ALLOW_DNS = policy('netpol-guard-allow-dns', desired('netpol-guard-allow-dns'));
const WIDENED = policy('netpol-guard-allow-dns', { ...desired('netpol-guard-allow-dns'), egress: [{}] });
const IN: Spec = { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] };

function labelled(name: string, spec: Spec): Policy {
  return readNetworkPolicy({ metadata: { name, namespace: 'shop', labels: LABEL }, spec }, 'shop');
}

const LABELLED = labelled('netpol-guard-allow-dns', desired('netpol-guard-allow-dns'));

function owned(name: string, spec: Spec): Policy {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '1' }];
  return readNetworkPolicy({ metadata: { name, namespace: 'shop', ownerReferences }, spec }, 'shop');
}

const OWNED = owned('netpol-guard-allow-dns', desired('netpol-guard-allow-dns'));

function held(name: string, spec: Spec, ...finalizers: readonly string[]): Policy {
  return readNetworkPolicy({ metadata: { name, namespace: 'shop', finalizers }, spec }, 'shop');
}

const HELD = held('netpol-guard-allow-dns', desired('netpol-guard-allow-dns'), 'example.com/keep');

function applied(name: string, spec: Spec): Policy {
  const managedFields = [{ manager: 'netpol-guard', operation: 'Apply' }];
  return readNetworkPolicy({ metadata: { name, namespace: 'shop', managedFields }, spec }, 'shop');
}

const APPLIED = applied('netpol-guard-allow-dns', desired('netpol-guard-allow-dns'));

/** What the rule says of a change by a user, in the words of its findings. */
function said(
  change: Omit<Change, 'namespace' | 'user'>,
  snapshot = CLUSTER,
  username = 'jane',
  settings = OWN,
): readonly Finding[] {
  const user = { username, groups: ['system:authenticated'] };
  const verdict = evaluate({ ...change, namespace: 'shop', user }, snapshot, settings, 0);
  return verdict.findings.filter(({ rule }) => rule === 'baseline-modified');
}

describe('a policy of the baseline', () => {
  it.each<[string, Omit<Change, 'namespace' | 'user'>, string]>([
    ['deleted', { operation: 'DELETE', before: ALLOW_DNS }, 'metadata.name'],
    ['widened', { operation: 'UPDATE', before: ALLOW_DNS, after: WIDENED }, 'spec'],
    [
      'left to the garbage collector',
      { operation: 'UPDATE', before: ALLOW_DNS, after: OWNED },
      'metadata.ownerReferences',
    ],
    ['born with an owner', { operation: 'CREATE', after: OWNED }, 'metadata.ownerReferences'],
    ['held by a finalizer', { operation: 'UPDATE', before: ALLOW_DNS, after: HELD }, 'metadata.finalizers'],
    ['born with a finalizer', { operation: 'CREATE', after: HELD }, 'metadata.finalizers'],
    [
      'held by one finalizer more',
      {
        operation: 'UPDATE',
        before: HELD,
        after: held('netpol-guard-allow-dns', desired('netpol-guard-allow-dns'), 'example.com/keep', 'example.com/too'),
      },
      'metadata.finalizers',
    ],
    [
      'held by a finalizer where the template does not ask for it',
      {
        operation: 'UPDATE',
        before: policy('netpol-guard-more', IN),
        after: held('netpol-guard-more', IN, 'example.com/keep'),
      },
      'metadata.finalizers',
    ],
    ['created with another spec', { operation: 'CREATE', after: WIDENED }, 'spec'],
    [
      'imitated under a reserved name',
      { operation: 'CREATE', after: policy('netpol-guard-more', IN) },
      'metadata.name',
    ],
    ['imitated by its label', { operation: 'CREATE', after: labelled('web', IN) }, 'metadata.labels'],
    [
      'imitated by a label put on later',
      { operation: 'UPDATE', before: policy('web', IN), after: labelled('web', IN) },
      'metadata.labels',
    ],
    [
      'stripped of its label where it is not as it shall be',
      {
        operation: 'UPDATE',
        before: labelled('netpol-guard-allow-dns', IN),
        after: policy('netpol-guard-allow-dns', IN),
      },
      'spec',
    ],
    [
      'robbed of the record that it was applied',
      { operation: 'UPDATE', before: APPLIED, after: ALLOW_DNS },
      'metadata.managedFields',
    ],
  ])('is not %s by anyone', (_, change, path) => {
    expect(said(change).map((finding) => [finding.effect, finding.path])).toEqual([['deny', path]]);
  });

  it.each<[string, Omit<Change, 'namespace' | 'user'>]>([
    ['a restore of what the template asks for', { operation: 'CREATE', after: ALLOW_DNS }],
    ['a write that mends it', { operation: 'UPDATE', before: WIDENED, after: ALLOW_DNS }],
    ['a change of annotations', { operation: 'UPDATE', before: ALLOW_DNS, after: ALLOW_DNS }],
    ['a change of annotations of what is not as it shall be', { operation: 'UPDATE', before: WIDENED, after: WIDENED }],
    ['a change of what has an owner already', { operation: 'UPDATE', before: OWNED, after: OWNED }],
    ['a change that leaves the record of its applying', { operation: 'UPDATE', before: APPLIED, after: APPLIED }],
    ['a change of what has a finalizer already', { operation: 'UPDATE', before: HELD, after: HELD }],
    ['the loss of a finalizer', { operation: 'UPDATE', before: HELD, after: ALLOW_DNS }],
    ['the loss of an owner', { operation: 'UPDATE', before: OWNED, after: ALLOW_DNS }],
    [
      'an owner of what the template does not ask for',
      {
        operation: 'UPDATE',
        before: policy('netpol-guard-more', IN),
        after: owned('netpol-guard-more', IN),
      },
    ],
    ['a restore that lacks the label', { operation: 'UPDATE', before: LABELLED, after: ALLOW_DNS }],
    ['a label that comes back', { operation: 'UPDATE', before: ALLOW_DNS, after: LABELLED }],
    ['a stray label that comes off', { operation: 'UPDATE', before: labelled('web', IN), after: policy('web', IN) }],
    ['a policy beside it', { operation: 'CREATE', after: policy('from-gateway', IN) }],
    [
      'the deletion of what the template does not ask for',
      { operation: 'DELETE', before: policy('netpol-guard-more', IN) },
    ],
  ])('lets pass %s', (_, change) => {
    expect(said(change)).toEqual([]);
  });

  it.each([
    ['netpol-guard itself', 'system:serviceaccount:netpol-guard:netpol-guard'],
    ['the namespace controller', 'system:serviceaccount:kube-system:namespace-controller'],
    ['the garbage collector', 'system:serviceaccount:kube-system:generic-garbage-collector'],
    ['the controller manager without credentials for each controller', 'system:kube-controller-manager'],
  ])('is open to %s', (_, username) => {
    expect(said({ operation: 'DELETE', before: ALLOW_DNS }, CLUSTER, username)).toEqual([]);
    expect(said({ operation: 'UPDATE', before: ALLOW_DNS, after: WIDENED }, CLUSTER, username)).toEqual([]);
  });

  it('is open to exempt users', () => {
    const settings = { ...OWN, exemptions: { ...OWN.exemptions, users: ['break-glass'] } };
    expect(said({ operation: 'DELETE', before: ALLOW_DNS }, CLUSTER, 'break-glass', settings)).toEqual([]);
  });

  it('is nobody else’s where netpol-guard does not know its own name', () => {
    expect(said({ operation: 'DELETE', before: ALLOW_DNS }, CLUSTER, 'undefined', SETTINGS)).toHaveLength(1);
  });

  it.each([
    ['opted out', 'none'],
    ['has no label', undefined],
  ])('may be deleted where the namespace %s', (_, template) => {
    expect(said({ operation: 'DELETE', before: ALLOW_DNS }, clusterOf(template))).toEqual([]);
    expect(said({ operation: 'CREATE', after: ALLOW_DNS }, clusterOf(template))).toHaveLength(1);
  });

  it('stays while it waits for facts', () => {
    const waiting = { ...CLUSTER, dns: { ...CLUSTER.dns, isKnown: false } };
    expect(said({ operation: 'DELETE', before: ALLOW_DNS }, waiting)).toHaveLength(1);
    const [finding] = said({ operation: 'UPDATE', before: ALLOW_DNS, after: WIDENED }, waiting);
    expect(finding?.why).toContain(
      'is managed by netpol-guard (template default-deny); the expected spec is not known yet',
    );
  });

  it('is told of with the template that asks for it, where it is given an owner', () => {
    const [finding] = said({ operation: 'UPDATE', before: ALLOW_DNS, after: OWNED });
    expect(finding?.fix.steps).toEqual([
      {
        text: 'Remove metadata.ownerReferences',
        edits: [{ kind: 'remove', path: 'metadata.ownerReferences' }],
      },
    ]);
    expect(finding?.why).toContain('(template default-deny)');
  });

  it('is told of with what to do instead', () => {
    const [finding] = said({ operation: 'DELETE', before: ALLOW_DNS });
    expect(finding?.why).toBe(
      'netpol-guard-allow-dns is managed by netpol-guard (template default-deny), which would put it back.',
    );
    const [{ text }] = finding?.fix.steps ?? [{ text: '' }];
    expect(text).toContain('add a policy of your own');
    expect(text).toContain(`${SETTINGS.docsBaseUrl}/cookbook.md`);
    // Who may label the namespace is another question than who may write policies.
    expect(text).not.toContain('label');
  });
});

describe('a policy with our label that netpol-guard never applied', () => {
  const copy = labelled('web', { ...IN, ingress: [{}] });

  it('may not change under it, and is told to leave it out', () => {
    const [finding] = said({ operation: 'UPDATE', before: copy, after: labelled('web', IN) });
    expect(finding).toMatchObject({ effect: 'deny', path: 'metadata.labels' });
    expect(finding?.fix.steps[0].text).toBe('Remove the label app.kubernetes.io/managed-by: netpol-guard');
  });

  it('may leave it out, with the same spec or another', () => {
    for (const spec of [{ ...IN, ingress: [{}] }, IN]) {
      expect(said({ operation: 'UPDATE', before: copy, after: policy('web', spec) })).toEqual([]);
    }
    expect(said({ operation: 'DELETE', before: copy })).toEqual([]);
  });
});

describe('a namespace whose template the configuration does not have any more', () => {
  it('keeps the label on what stands, since nothing else tells what netpol-guard applied', () => {
    const lost = clusterOf('own', [LABELLED]);
    expect(said({ operation: 'UPDATE', before: LABELLED, after: ALLOW_DNS }, lost)).toMatchObject([
      { effect: 'deny', path: 'metadata.labels' },
    ]);
  });
});

describe('a scan', () => {
  it('finds what is not as the template asks, and what nothing asks for', () => {
    expect(said({ operation: 'AUDIT', after: WIDENED })).toMatchObject([{ effect: 'deny', path: 'spec' }]);
    expect(said({ operation: 'AUDIT', after: ALLOW_DNS })).toEqual([]);
    expect(said({ operation: 'AUDIT', after: ALLOW_DNS }, clusterOf(undefined))).toMatchObject([{ effect: 'deny' }]);
  });

  it('keeps what stands where the configuration does not have the template any more', () => {
    const standing = labelled('netpol-guard-allow-dns', desired('netpol-guard-allow-dns'));
    const lost = clusterOf('own', [standing]);
    expect(said({ operation: 'DELETE', before: standing }, lost)).toMatchObject([
      { effect: 'deny', why: expect.stringContaining('template own, which the configuration does not have') },
    ]);
    const widened = labelled('netpol-guard-allow-dns', { ...desired('netpol-guard-allow-dns'), egress: [{}] });
    expect(said({ operation: 'UPDATE', before: standing, after: widened }, lost)).toMatchObject([{ effect: 'deny' }]);
    expect(said({ operation: 'CREATE', after: standing }, lost)).toEqual([]);
  });

  it('is not certain of templates that its configuration does not have', () => {
    const uncertain = 'the template own of the namespace is not in the configuration';
    const after = policy('netpol-guard-web', IN);
    expect(said({ operation: 'AUDIT', after }, clusterOf('own'))).toMatchObject([{ effect: 'warn', uncertain }]);
    expect(said({ operation: 'AUDIT', after: ALLOW_DNS }, clusterOf('own'))).toEqual([]);
    expect(said({ operation: 'CREATE', after: ALLOW_DNS }, clusterOf('own'))).toMatchObject([{ effect: 'deny' }]);
  });
});

describe('a repair', () => {
  const settings: Settings = { ...OWN, dnsBlocked: { ...OWN.dnsBlocked, onWrite: 'repair' } };
  const broken = clusterOf(undefined, [deny()]);
  const [look] = lookForRepairs('shop', broken, settings);
  const repair = look?.repair;
  if (repair === undefined || repair === 'undecided') throw new Error('no repair');
  const standing = policy(repair.name, { ...repair.spec });
  const repaired = clusterOf(undefined, [deny(), standing]);

  it('is guarded for as long as it is needed', () => {
    const [finding] = said({ operation: 'DELETE', before: standing }, repaired, 'jane', settings);
    expect(finding?.effect).toBe('deny');
    expect(finding?.fix.steps[0].text.toLowerCase()).toContain(
      'add a policy of your own that allows dns for the same pods',
    );
    expect(said({ operation: 'DELETE', before: standing }, clusterOf(undefined), 'jane', settings)).toEqual([]);
  });

  it('may be restored, and not widened', () => {
    expect(said({ operation: 'CREATE', after: standing }, broken, 'jane', settings)).toEqual([]);
    const widened = policy(repair.name, { podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
    expect(said({ operation: 'UPDATE', before: standing, after: widened }, repaired, 'jane', settings)).toHaveLength(1);
  });

  it('is guarded under a name that is cut, too', () => {
    const long = `${'x'.repeat(230)}.${'y'.repeat(20)}`;
    const stored = clusterOf(undefined, [deny({}, long), deny({}, `${long}z`)]);
    const named = policy(repairName(long), { ...repair.spec });
    const foreign = policy(`${repairName(long).slice(0, -1)}g`, { ...repair.spec });
    expect(said({ operation: 'DELETE', before: named }, stored, 'jane', settings)).toHaveLength(1);
    expect(said({ operation: 'CREATE', after: named }, stored, 'jane', settings)).toEqual([]);
    expect(said({ operation: 'CREATE', after: foreign }, stored, 'jane', settings)).toHaveLength(1);
  });

  describe('of which one cannot tell whether it is needed', () => {
    const kept = policy(repairName('web'), { ...repair.spec, podSelector: { matchLabels: { app: 'web' } } });
    const entangled = clusterOf(undefined, [...ENTANGLED, needy('web'), kept]);
    const denied = (change: Omit<Change, 'namespace'>) =>
      evaluate({ ...change, namespace: 'shop', user: { username: 'jane', groups: [] } }, entangled, settings, 0)
        .findings.filter(({ effect }) => effect === 'deny')
        .map(({ rule, short }) => [rule, short.replace(/.*; /, '')]);
    const undecided = [['policy-too-complicated', 'undecided: baseline-modified']];

    it('is not taken away, nor anything of it', () => {
      expect(denied({ operation: 'DELETE', before: kept })).toEqual(undecided);
      expect(denied({ operation: 'UPDATE', before: kept, after: policy(repairName('web'), IN) })).toEqual(undecided);
    });

    it('stands in nobody’s way who deletes or narrows a policy of his own', () => {
      for (const before of [needy('web'), ENTANGLED[0]]) {
        if (before === undefined) throw new Error('there is none');
        expect(denied({ operation: 'DELETE', before })).toEqual([]);
        expect(denied({ operation: 'UPDATE', before, after: { ...before, egress: [] } })).toEqual([]);
      }
    });
  });
});
