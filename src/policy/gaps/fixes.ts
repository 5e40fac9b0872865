import { dnsPolicy, portItem } from '../dns/allow-dns.ts';
import { dnsSpecPorts } from '../dns/dns-egress.ts';
import { addDns } from '../dns/dns-fix.ts';
import type { GapVerdict } from '../dns/gap.ts';
import { namesOnlyDns } from '../dns/only-dns.ts';
import { DNS_PROTOCOLS, type DnsProtocol, type DnsReach } from '../dns/reach.ts';
import { isAboutDns } from '../dns/vocabulary.ts';
import { describePolicy } from '../model/describe.ts';
import { type Edit, type Fix, fixFrom, fixOf, type Step } from '../model/fix.ts';
import type { AllowRule, Policy } from '../model/policy.ts';
import type { Situation } from '../situation/situation.ts';
import type { DnsLoss } from './loss.ts';

/** ownGapFix is the fix in the policy that was changed: the port that is missing, or a rule for DNS. */
export function ownGapFix(situation: Situation, loss: DnsLoss, verdict: GapVerdict): Fix {
  const port =
    verdict.fault === 'udp-blocked' || verdict.fault === 'tcp-blocked'
      ? missingPort(situation, loss, verdict)
      : undefined;
  if (port !== undefined) return port;
  const { world } = loss.gap.reach;
  const isFixed = loss.policy.managed !== undefined || loss.policy.deleting;
  const steps = isFixed ? [beside(situation, loss.policy, world, 0)] : addDns([loss.policy], world, loss.policy);
  return fixFrom(steps);
}

/**
 * leaningFix is the fix in the policies whose pods lose DNS when another policy changes. They isolate already, so the
 * fix isolates no further pods.
 */
export function leaningFix(situation: Situation, losses: readonly [DnsLoss, ...DnsLoss[]]): Fix {
  const [{ gap }] = losses;
  const { world } = gap.reach;
  const policies = losses.map(({ policy }) => policy);
  const open = policies.filter(
    ({ managed, deleting, ref }) => managed === undefined && !deleting && ref.name !== undefined,
  );
  const fixed = policies.filter((policy) => !open.includes(policy));
  const steps = [...addDns(open, world), ...fixed.map((policy, i) => beside(situation, policy, world, i))].map((step) =>
    before(situation, step),
  );
  return fixFrom(steps);
}

/** A policy that no one else may edit gets another policy beside it, for the same pods. */
function beside(situation: Situation, { ref, subject }: Policy, world: DnsReach['world'], i: number): Step {
  const object = dnsPolicy(ref.namespace, freeNames(situation, i), subject, world);
  return { text: 'Apply this policy', edits: [{ kind: 'apply', object }] };
}

function before({ change }: Situation, step: Step): Step {
  if (change.operation !== 'DELETE') return step;
  return { ...step, text: `First ${step.text.charAt(0).toLowerCase()}${step.text.slice(1)}` };
}

/** A name for a policy to paste that replaces no other one; the i-th of them. */
function freeNames({ snapshot, change }: Situation, i: number): string {
  const stored = snapshot.policies(change.namespace);
  const invalid = new Set((snapshot.invalidPolicies?.(change.namespace) ?? []).map(({ ref }) => ref.name));
  const taken = (name: string) =>
    stored.get(name) !== undefined || change.after?.ref.name === name || invalid.has(name);
  let left = i;
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? 'allow-dns' : `allow-dns-${n}`;
    if (taken(name)) continue;
    if (left === 0) return name;
    left -= 1;
  }
}

/** Beside the other port of a rule for only the DNS pods, in a policy for all of the pods. */
function missingPort(
  { after, vocabulary }: Situation,
  { policy, gap: { reach } }: DnsLoss,
  { protocols }: GapVerdict,
): Fix | undefined {
  const [missing] = protocols;
  const there = DNS_PROTOCOLS.find((protocol) => protocol !== missing);
  if (missing === undefined || there === undefined) return undefined;
  for (const owner of [policy, ...after.selecting(reach.policiesThat('yes', there), policy.subject)]) {
    if ((owner !== policy && owner.managed !== undefined) || !policy.subject.isSubset(owner.subject)) continue;
    const rule = owner.egress.find((candidate) => isForDns(candidate, owner, reach, there));
    if (rule === undefined) continue;
    const of = owner === policy ? '' : ` of ${describePolicy(owner)}`;
    return {
      ...fixOf(
        `Add this port to ${rule.path}.ports${of}`,
        portEdit(rule, { owner: owner === policy ? undefined : owner.ref.name, reach, missing }),
      ),
      isCertain: isAboutDns(rule, vocabulary),
    };
  }
  return undefined;
}

interface MissingPort {
  readonly reach: DnsReach;
  readonly missing: DnsProtocol;
  /** The name of the policy, if it is another one. */
  readonly owner: string | undefined;
}

function portEdit({ path }: AllowRule, { reach, missing, owner }: MissingPort): Edit {
  const items = dnsSpecPorts(reach.world.servers)
    .filter(({ protocol }) => protocol === missing)
    .map(portItem);
  return { kind: 'add', path: `${path}.ports`, items, policy: owner };
}

function isForDns(rule: AllowRule, { ref }: Policy, reach: DnsReach, protocol: DnsProtocol): boolean {
  if (rule.peers === 'any' || rule.entries.length === 0 || reach.ofRule(rule, ref.namespace, protocol) !== 'yes')
    return false;
  return rule.peers.every((peer) => namesOnlyDns(peer, reach));
}
