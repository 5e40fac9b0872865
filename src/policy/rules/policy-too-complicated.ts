import { capital } from '../model/describe.ts';
import type { Issue, Level } from '../model/finding.ts';
import { advice } from '../model/fix.ts';
import { isNewer } from '../model/rules-version.ts';
import { HOW_TO_SHRINK } from '../model/size.ts';
import { roomIssue } from '../openings/room.ts';
import { defineRule } from '../situation/rule.ts';
import type { Situation, UndecidedRule } from '../situation/situation.ts';
import { baselineModified } from './baseline-modified.ts';

const CARVE_OUT = `- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: allow-dns, namespace: shop}
  spec:
    podSelector: {}
    policyTypes: [Egress]
    egress:
      - to:
          - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
            podSelector: {matchLabels: {k8s-app: kube-dns}}
        ports:
          - {protocol: UDP, port: 53}
          - {protocol: TCP, port: 53}
`;

export const policyTooComplicated = defineRule({
  id: 'policy-too-complicated',
  since: 'v0.1',
  title: 'Policies too complicated to be judged',
  level: 'standard',
  security: 5,
  turn: 'last',
  judgesUnread: true,
  docs: {
    why: `To find what policies open to the Internet together can be made arbitrarily hard: each opens a piece, and which pieces one
pod gets depends on all of their selectors at once. So a verdict has a budget of steps, the same on every machine. The
engine looks first at what is certain: what one policy opens on its own, and what the policies that add most open together.
If the budget is spent before there is an answer, the change is refused. Otherwise a tenant could hide an opening behind any
number of other policies.

A policy that opens no public address never spends the budget for what it opens. Neither does a deletion, nor a change that
only removes rules or peers or leaves the spec as it is, except for
[a policy that netpol-guard manages](baseline-modified.md). If the undecided question is the loss of DNS, there is only a
warning, since that harms no one else.

A policy of more than 10,000 different rules, peers, ports, exceptions or selector terms is too large to be read at all, so
no one can tell what it opens and covers. While such a policy is stored, other policies of the namespace may not open DNS to
the Internet.

The policies of a namespace also share a memory limit. Beyond it no policy may grow or open more of the Internet until some
are removed. If you exempt a namespace from this rule, its policies can hide openings behind each other.

To fix it, name the pods of each policy plainly, put the addresses of one workload into one policy, or ask your platform team
for an exemption. Below, a pod can have either policy of each pair, which makes 131,072 combinations.`,
    bad: pairsOfSlices(17),
    good: `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
  namespace: shop
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
    - to:
        - ipBlock: {cidr: 9.0.0.0/13}
      ports:
        - {protocol: TCP, port: 443}
`,
    references: [
      'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
    ],
  },
  *check(situation) {
    const { unread } = situation.change;
    if (unread !== undefined) {
      yield {
        path: 'spec',
        headline: 'is too large to be judged',
        why: `It ${unread.problem}.`,
        short: unread.problem,
        fix: advice(capital(HOW_TO_SHRINK)),
        blamed: true,
      };
      return;
    }
    const room = roomIssue(situation);
    if (room !== undefined) yield room;
    const rules = situation.undecided.filter(({ level }) => level !== 'advice');
    const [mild, grave] = [true, false].map((mild) => rules.filter((rule) => isMild(situation, rule) === mild));
    for (const level of ['standard', 'strict'] as const) {
      const some = grave?.filter((rule) => rule.level === level) ?? [];
      if (some.length > 0) yield issueFor(situation, some, level);
    }
    if (mild !== undefined && mild.length > 0) yield { ...issueFor(situation, mild, 'standard'), tolerated: true };
  },
});

/** A fault that only harms its author, or that the configuration does not refuse anyway, only warns. */
function isMild({ settings }: Situation, { id, since, undecided }: UndecidedRule): boolean {
  const override = settings.rules.get(id);
  if (undecided === 'warn') return true;
  return override === undefined ? isNewer(since, settings.rulesVersion) : override !== 'deny';
}

function issueFor(situation: Situation, rules: readonly UndecidedRule[], level: Level): Issue {
  const { change, snapshot, budget, isNarrowed } = situation;
  const { size } = snapshot.policies(change.namespace);
  const steps = budget.limit.toLocaleString('en');
  const undecided = rules.map(({ id }) => id).join(', ');
  const beside = size === 0 ? '' : ` beside the ${size} stored policies of namespace ${change.namespace}`;
  return {
    path: 'spec',
    headline: 'is too complicated to be judged',
    why: `It takes more than ${steps} steps${beside} to decide ${undecided}.`,
    short: `this policy cannot be judged${beside} within ${steps} steps; undecided: ${undecided}`,
    fix: advice(
      'Combine policies so that fewer of them select one pod together, or ask your platform team for an exemption',
    ),
    // A change that only removes parts opens nothing, but it may remove a policy that netpol-guard manages.
    blamed: rules.includes(baselineModified) || (change.operation !== 'DELETE' && !isNarrowed),
    level,
  };
}

/**
 * A carve-out, and pairs of policies; a pod can have one policy of each pair, and all policies of one pod together stay
 * just below "anywhere".
 */
function pairsOfSlices(pairs: number): string {
  const policies = Array.from({ length: 2 * pairs }, (_, i) => {
    const labels = `{matchLabels: {k${i >> 1}: ${i % 2 === 0 ? 'a' : 'b'}}}`;
    const blocks = `{ipBlock: {cidr: ${20 + i}.0.0.0/13}}, {ipBlock: {cidr: ${20 + i}.8.0.0/14}}`;
    const egress = `[{to: [${blocks}], ports: [{protocol: UDP, port: 53}]}]`;
    return `- {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p${i}, namespace: shop}, spec: {podSelector: ${labels}, policyTypes: [Egress], egress: ${egress}}}\n`;
  });
  return `apiVersion: v1\nkind: List\nitems:\n${CARVE_OUT}${policies.join('')}`;
}
