import { dnsLosses } from '../dns/loss.ts';
import { isMended } from '../dns/mending.ts';
import { entriesFor, exemptionOf, exempts } from '../exemptions.ts';
import { matchesGlob } from '../glob.ts';
import type { Policy } from '../model.ts';
import { NamespacePolicies } from '../namespace-policies.ts';
import type { Settings } from '../settings.ts';
import { situationOf } from '../situation.ts';
import type { ClusterSnapshot } from '../snapshot.ts';
import type { DesiredPolicy } from './desired.ts';
import { selectorOf } from './network-policy-spec.ts';
import { allowDnsSpec } from './parts.ts';
import { REPAIR_PREFIX, repairName } from './repair-name.ts';
import { specText } from './spec-text.ts';

/**
 * repairsFor returns the policies by which netpol-guard gives pods their DNS back where `dnsBlocked.onWrite` or
 * `onDelete` is `repair`: one for each stored policy that would be refused if it were written anew as it stands, selecting
 * the same pods. Repairs that are stored already do not count, so that they stay for as long as they are needed. Sorted
 * by name. `now`, in milliseconds since the epoch, decides which exemptions have expired; without it none has.
 */
export function repairsFor(
  namespace: string,
  snapshot: ClusterSnapshot,
  settings: Settings,
  now: number = 0,
): readonly DesiredPolicy[] {
  const { onWrite, onDelete } = settings.dnsBlocked;
  if (onWrite !== 'repair' && onDelete !== 'repair') return [];
  if (settings.systemNamespaces.some((glob) => matchesGlob(glob, namespace))) return [];
  const unrepaired = withoutRepairs(namespace, snapshot);
  const repairs = new Map<string, DesiredPolicy>();
  for (const policy of unrepaired.policies(namespace).all()) {
    if (policy.ref.name === undefined || !isBroken(policy, unrepaired, settings, now)) continue;
    const spec = allowDnsSpec(snapshot.dns, selectorOf(policy.subject));
    const name = repairName(policy.ref.name);
    if (spec !== undefined) repairs.set(name, { name, spec, text: specText(spec) });
  }
  return [...repairs.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isBroken(policy: Policy, snapshot: ClusterSnapshot, settings: Settings, now: number): boolean {
  if (!policy.isolatesEgress || policy.managed !== undefined) return false;
  const { namespace, name } = policy.ref;
  const change = { operation: 'AUDIT', namespace, after: policy } as const;
  const situation = situationOf(change, snapshot, settings);
  const mended = dnsLosses(situation).flatMap((loss) =>
    loss.verdicts.filter((verdict) => isMended(situation, loss, verdict)).map(({ fault }) => fault),
  );
  if (mended.length === 0 || exemptionOf(change, settings) !== undefined) return false;
  const { valid } = entriesFor(namespace, name, settings, now);
  return mended.some((fault) => !valid.some((entry) => exempts(entry, fault)));
}

function withoutRepairs(namespace: string, snapshot: ClusterSnapshot): ClusterSnapshot {
  const isRepair = ({ ref }: Policy) => ref.name?.startsWith(REPAIR_PREFIX) === true;
  const stored = [...snapshot.policies(namespace).all()];
  if (!stored.some(isRepair)) return snapshot;
  const kept = new NamespacePolicies();
  for (const policy of stored)
    if (policy.ref.name !== undefined && !isRepair(policy)) kept.set(policy.ref.name, policy);
  return {
    namespace: (name) => snapshot.namespace(name),
    policies: (name) => (name === namespace ? kept : snapshot.policies(name)),
    namespacesWithPolicies: () => snapshot.namespacesWithPolicies(),
    unreadablePolicies: (name) => snapshot.unreadablePolicies(name),
    otherPolicies: (name) => snapshot.otherPolicies(name),
    dns: snapshot.dns,
    services: snapshot.services,
  };
}
