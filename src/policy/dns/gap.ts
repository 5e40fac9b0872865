import type { Budget } from '../../sets/budget.ts';
import type { Coverage } from '../../sets/coverage.ts';
import type { LabelSelector, Labels } from '../../sets/label-selector.ts';
import type { PolicyClass } from '../model/namespace-policies.ts';
import type { PolicyState } from '../model/policy-state.ts';
import { DNS_PROTOCOLS, type DnsProtocol, type DnsReach, type Reach } from './reach.ts';

/** Extent is how many of the subjects something holds for. */
export type Extent = 'none' | 'some' | 'all' | 'unknown';

/** ProtocolGap is what the policies of a namespace give some pods over one protocol. */
export interface ProtocolGap {
  /** The subjects that certainly reach DNS. */
  readonly reached: Extent;
  /** The same, counting each way that is not certain. */
  readonly perhaps: Extent;
  /** The kinds of ways that are not certain. */
  readonly doubts: ReadonlySet<Reach>;
  /** Labels of a subject that does not reach DNS, not even perhaps. */
  readonly witness?: Labels | undefined;
}

/** DnsGap is the DNS access that the policies of a namespace do not give to the pods that `subject` selects. */
export interface DnsGap {
  readonly subject: LabelSelector;
  readonly reach: DnsReach;
  readonly over: Readonly<Record<DnsProtocol, ProtocolGap>>;
  /** Why ways that are `unsure` are not certain, as a clause. */
  readonly doubt: string;
}

/** dnsGap finds which of the pods that `subject` selects reach the DNS servers of one world. */
export function dnsGap(state: PolicyState, subject: LabelSelector, reach: DnsReach, budget: Budget): DnsGap {
  const pods = { state, subject, budget };
  const over = { UDP: protocolGap(pods, reach, 'UDP'), TCP: protocolGap(pods, reach, 'TCP') };
  const isUnsure = DNS_PROTOCOLS.some((protocol) => over[protocol].doubts.has('unsure'));
  return { subject, reach, over, doubt: reach.doubt(isUnsure && state.hasAny(reach.throughCache, subject)) };
}

/** Subjects are pods, the policies that may select them, and the budget of steps for deciding it. */
interface Subjects {
  readonly state: PolicyState;
  readonly subject: LabelSelector;
  readonly budget: Budget;
}

function protocolGap(subjects: Subjects, reach: DnsReach, protocol: DnsProtocol): ProtocolGap {
  const { state, subject } = subjects;
  const reached = extent(subjects, [reach.policiesThat('yes', protocol)]);
  if (reached.extent === 'all') return { reached: 'all', perhaps: 'all', doubts: new Set() };
  const doubts = (['plugin', 'unsure'] as const).filter((doubt) =>
    state.hasAny(reach.policiesThat(doubt, protocol), subject),
  );
  const upper = doubts.length === 0 ? reached : extent(subjects, waysOf(reach, protocol));
  return {
    reached: reached.extent,
    perhaps: upper.extent,
    doubts: new Set(doubts),
    witness: upper.witness,
  };
}

/** waysOf lists the classes of policies that perhaps or certainly reach DNS over the protocol. */
export function waysOf(reach: DnsReach, protocol: DnsProtocol): readonly PolicyClass[] {
  return [...knownWaysOf(reach, protocol), reach.policiesThat('unsure', protocol)];
}

/** knownWaysOf omits those that depend on unknown labels. */
export function knownWaysOf(reach: DnsReach, protocol: DnsProtocol): readonly PolicyClass[] {
  return [reach.policiesThat('yes', protocol), reach.policiesThat('plugin', protocol)];
}

function extent(
  { state, subject, budget }: Subjects,
  classes: readonly PolicyClass[],
): { extent: Extent; witness?: Labels } {
  const coverage: Coverage = state.covers(subject, classes, budget);
  if (coverage.kind === 'covered') return { extent: 'all' };
  if (!classes.some((policyClass) => state.hasAny(policyClass, subject))) {
    return { extent: 'none', witness: subject.example() };
  }
  return coverage.kind === 'unknown' ? { extent: 'unknown' } : { extent: 'some', witness: coverage.witness };
}

/** The faults that a gap can be, the worst first. */
export type GapFault = 'blocked' | 'udp-blocked' | 'tcp-blocked' | 'partly-blocked';

/** GapVerdict is one fault, with the protocols whose gap it is. */
export interface GapVerdict {
  readonly fault: GapFault;
  readonly protocols: readonly DnsProtocol[];
  /** Why it is not certain, as a clause. */
  readonly uncertain?: string | undefined;
  readonly witness?: Labels | undefined;
}

const TOO_MANY = 'too many overlapping pod selectors to decide which pods are covered';

/**
 * gapVerdicts names the faults of a gap. Ways to DNS through an ipBlock (`plugin`) make a pod neither covered nor blocked.
 */
export function gapVerdicts({ over, subject, doubt }: DnsGap): readonly GapVerdict[] {
  const { UDP, TCP } = over;
  if (subject.isEmpty) return [];
  if (UDP.perhaps === 'none' && TCP.perhaps === 'none') {
    return [{ fault: 'blocked', protocols: DNS_PROTOCOLS, ...witnessOf(UDP) }];
  }
  const partly = DNS_PROTOCOLS.filter((protocol) => isPartly(over[protocol]));
  const verdicts = [udpVerdict(over, doubt), tcpVerdict(over, doubt), partlyVerdict(over, partly, doubt)];
  return verdicts.filter((verdict) => verdict !== undefined);
}

/** If neither protocol certainly works, all of DNS may be blocked. */
function udpVerdict({ UDP, TCP }: DnsGap['over'], uncertain: string): GapVerdict | undefined {
  if (UDP.perhaps === 'none') return { fault: 'udp-blocked', protocols: ['UDP'], ...witnessOf(UDP) };
  if (UDP.reached !== 'none' || !UDP.doubts.has('unsure')) return undefined;
  return TCP.reached === 'none'
    ? { fault: 'blocked', protocols: DNS_PROTOCOLS, uncertain }
    : { fault: 'udp-blocked', protocols: ['UDP'], uncertain };
}

function tcpVerdict({ UDP, TCP }: DnsGap['over'], uncertain: string): GapVerdict | undefined {
  if (TCP.perhaps === 'none') return { fault: 'tcp-blocked', protocols: ['TCP'], ...witnessOf(TCP) };
  if (TCP.reached !== 'none' || UDP.reached === 'none' || !TCP.doubts.has('unsure')) return undefined;
  return { fault: 'tcp-blocked', protocols: ['TCP'], uncertain };
}

/** Some reach DNS for sure, or possibly through an ipBlock, and others do not. */
function isPartly({ reached, perhaps, doubts }: ProtocolGap): boolean {
  if (reached === 'unknown' || perhaps === 'unknown') return true;
  if (perhaps === 'some') return reached !== 'none' || doubts.has('plugin');
  return reached === 'some' && doubts.has('unsure');
}

function partlyVerdict(over: DnsGap['over'], protocols: readonly DnsProtocol[], doubt: string): GapVerdict | undefined {
  if (protocols.length === 0) return undefined;
  const certain = protocols.filter((protocol) => over[protocol].perhaps === 'some');
  const [first] = certain;
  if (first !== undefined) return { fault: 'partly-blocked', protocols: certain, ...witnessOf(over[first]) };
  const unknown = protocols.some(
    (protocol) => over[protocol].reached === 'unknown' || over[protocol].perhaps === 'unknown',
  );
  return { fault: 'partly-blocked', protocols, uncertain: unknown ? TOO_MANY : doubt };
}

function witnessOf({ witness }: ProtocolGap): { witness?: Labels } {
  return witness === undefined ? {} : { witness };
}
