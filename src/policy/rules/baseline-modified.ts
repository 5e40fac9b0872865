import { DELETERS } from '../model/deleters.ts';
import { describePolicy, listOf, shorten } from '../model/describe.ts';
import type { Fix, Issue } from '../model/finding.ts';
import { BASELINE_LABEL, MANAGED_LABELS, MANAGED_PREFIX, NO_TEMPLATE } from '../model/labels.ts';
import type { Policy } from '../model/policy.ts';
import { type Asked, askedFor, followsCluster, mayBeAsked, templateDoubt } from '../repairs/asked.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation } from '../situation/situation.ts';
import { finalizersGiven } from '../templates/finalizers.ts';
import { REPAIR_PREFIX } from '../templates/repair-name.ts';

const LABEL = Object.entries(MANAGED_LABELS)
  .map(([key, value]) => `${key}: ${value}`)
  .join(', ');

export const baselineModified = defineRule({
  id: 'baseline-modified',
  title: 'A policy of the baseline changed by someone else',
  level: 'standard',
  isPutRight: true,
  docs: {
    why: `netpol-guard keeps the policies of a namespace's template as they are: what someone else changes is put back within a
second. So that nobody is left wondering, the change is refused. Managed are the policies whose names begin with
\`${MANAGED_PREFIX}\`, which is a reserved prefix, and those labelled \`${LABEL}\`, before or after the change.

These pass: a write whose spec is what the template asks for under that name (restores, GitOps); a change of nothing but
annotations or labels of your own; a stray label that comes off a policy of your own; whatever netpol-guard itself, an exempt user, the namespace controller or the garbage
collector does; and the deletion of what the template does not ask for, or not any more, such as in a namespace that
has opted out: netpol-guard would delete it too. An owner (\`metadata.ownerReferences\`) never passes: the garbage collector deletes
what has one that is not there. Nor does a finalizer (\`metadata.finalizers\`): it would keep the policy when netpol-guard deletes it. Nor does the loss of netpol-guard's entry in \`metadata.managedFields\`, by which it knows what it applied.

Policies are additive. To allow more, add a policy of your own beside the baseline. To have another baseline, name another
template in the namespace's label \`${BASELINE_LABEL}\`; \`${NO_TEMPLATE}\` opts out.

Files do not say which DNS servers the cluster has, nor which template a namespace has whose label is not among them. The
linter is content with what any template could ask for, and else not certain.`,
    bad: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {netpol-guard.io/baseline: default-deny}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: netpol-guard-default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}
`,
    good: `apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {netpol-guard.io/baseline: default-deny}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: from-gateway
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateway}}
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
      'https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/',
    ],
  },
  check(situation) {
    const { change, settings } = situation;
    const { before, after, user } = change;
    if (before?.managed === undefined && after?.managed === undefined) return [];
    if (user !== undefined && [settings.ownUser, ...DELETERS].includes(user.username)) return [];
    if (after === undefined) return before === undefined ? [] : removal(situation, before);
    // Nothing is kept without the prefix: a stray label comes off.
    if (after.managed === undefined) return [];
    const beside = [
      ...ownerGiven(situation, after),
      ...heldBy(finalizersGiven(before, after), after),
      ...recordTaken(before, after),
    ];
    return isUntouched(before, after) ? beside : [...beside, ...written(situation, after, after.managed.text)];
  },
});

function isUntouched(before: Policy | undefined, { managed }: Policy): boolean {
  const old = before?.managed;
  return old !== undefined && managed !== undefined && old.text === managed.text && old.labelled === managed.labelled;
}

/** Whoever is refused the deletion could leave it to the garbage collector. */
function ownerGiven(situation: Situation, policy: Policy): readonly Issue[] {
  if (policy.managed?.owned !== true || situation.change.before?.managed?.owned === true) return [];
  const asked = askedFor(policy.ref.name ?? '', situation);
  if (asked === undefined) return [];
  const message = `${describePolicy(policy)} is kept here by ${asked.by}, and the garbage collector would delete it with its owner`;
  const fix = { description: 'leave out `ownerReferences`' };
  return [{ path: 'metadata.ownerReferences', message, fix, blamed: true }];
}

/** Whoever is refused the deletion could have it hang for as long as he likes. */
function heldBy(given: readonly string[], policy: Policy): readonly Issue[] {
  if (given.length === 0) return [];
  const message = `${describePolicy(policy)} is given ${given.length === 1 ? 'the finalizer' : 'the finalizers'} ${listOf(given.map(shorten))}, which would keep it when netpol-guard deletes it`;
  const fix = { description: 'leave out `finalizers`' };
  return [{ path: 'metadata.finalizers', message, fix, blamed: true }];
}

/** Without it netpol-guard would take the policy for somebody else's, and never remove it. */
function recordTaken(before: Policy | undefined, policy: Policy): readonly Issue[] {
  if (before?.managed?.applied !== true || policy.managed?.applied === true) return [];
  const message = `${describePolicy(policy)} loses the record that netpol-guard applied it`;
  const fix = { description: 'leave out `managedFields`, and the API server keeps them' };
  return [{ path: 'metadata.managedFields', message, fix, blamed: true }];
}

function removal(situation: Situation, policy: Policy): readonly Issue[] {
  const asked = askedFor(policy.ref.name ?? '', situation);
  if (asked === undefined) return [];
  const message = `${describePolicy(policy)} is kept here by ${asked.by}, and netpol-guard would put it back`;
  return [{ path: 'metadata.name', message, fix: insteadOf(policy), blamed: true }];
}

function written(situation: Situation, policy: Policy, text: string): readonly Issue[] {
  const { change, snapshot, settings } = situation;
  const name = policy.ref.name ?? '';
  const isAudit = change.operation === 'AUDIT';
  const isRepair = name.startsWith(REPAIR_PREFIX);
  const doubt = isAudit && !isRepair ? templateDoubt(change.namespace, snapshot, settings) : undefined;
  const asked = doubt === undefined ? askedFor(name, situation) : mayBeAsked(name, snapshot, settings);
  if (asked?.texts.includes(text)) return [];
  const isUnseen = isAudit && !snapshot.dns.discovered && (isRepair || (asked !== undefined && followsCluster(name)));
  const uncertain = isUnseen ? UNKNOWN_CLUSTER : name.startsWith(MANAGED_PREFIX) ? doubt : undefined;
  return [asked === undefined ? notAsked(policy, uncertain) : otherSpec(policy, asked, uncertain)];
}

const UNKNOWN_CLUSTER = 'what it shall be follows the cluster, which is not known here';

function otherSpec(policy: Policy, { by, texts }: Asked, uncertain: string | undefined): Issue {
  const message =
    texts.length === 0
      ? `${describePolicy(policy)} is kept here by ${by}, and what it shall be is not known yet`
      : `${describePolicy(policy)} is kept here by ${by} with another spec, and netpol-guard would put that back`;
  return { path: 'spec', message, fix: insteadOf(policy), blamed: true, ...(uncertain && { uncertain }) };
}

function notAsked(policy: Policy, uncertain: string | undefined): Issue {
  const name = policy.ref.name;
  const isReserved = name === undefined ? policy.managed?.labelled !== true : name.startsWith(MANAGED_PREFIX);
  const [path, message, description] = isReserved
    ? [
        'metadata.name',
        `${describePolicy(policy)} begins with the reserved prefix ${MANAGED_PREFIX}, and is nothing that netpol-guard keeps here`,
        'give the policy another name',
      ]
    : [
        'metadata.labels',
        `${describePolicy(policy)} carries the label by which netpol-guard knows its own policies, and is none of them`,
        `leave out the label \`${LABEL}\``,
      ];
  return { path, message, fix: { description }, blamed: true, ...(uncertain && { uncertain }) };
}

function insteadOf({ ref: { namespace, name } }: Policy): Fix {
  if (name?.startsWith(REPAIR_PREFIX)) {
    return {
      description: 'add a policy of your own that allows DNS for the same pods, and netpol-guard removes this one',
    };
  }
  const command = `kubectl label namespace ${namespace} --overwrite ${BASELINE_LABEL}=TEMPLATE`;
  return {
    description: `add a policy of your own beside it, since policies add up; or choose another template, \`${NO_TEMPLATE}\` to opt out: \`${command}\``,
  };
}
