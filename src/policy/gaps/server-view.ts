import { LabelSelector } from '../../sets/label-selector.ts';
import { livesIn } from '../dns/facts.ts';
import { type DnsPlane, dnsPlane } from '../dns/plane.ts';
import type { DnsPods } from '../model/dns-server.ts';
import type { Policy } from '../model/policy.ts';
import type { PolicyState } from '../model/policy-state.ts';
import type { Situation } from '../situation/situation.ts';

/** ServerView is how a change treats some of the pods of one DNS server. */
export interface ServerView {
  readonly server: DnsPods;
  readonly before: DnsPlane;
  readonly after: DnsPlane;
  /** The changed policy, where it selects these pods after the change. */
  readonly own: Policy | undefined;
  /** Why it is not certain that they are selected, as a clause. */
  readonly unsure: string | undefined;
}

/**
 * serverViews returns a view of the DNS pods of the namespace that the change selects or selected, one for each set of
 * labels.
 */
export function serverViews(situation: Situation): readonly ServerView[] {
  const { namespace } = situation.change;
  const views: ServerView[] = [];
  // Asked by every verdict, and nearly always empty.
  for (const { world } of situation.reaches) {
    for (const server of world.servers) {
      if (server.kind !== 'pods' || !livesIn(server, namespace)) continue;
      views.push(...podsOf(server).flatMap((pods) => viewOf(situation, server, pods) ?? []));
    }
  }
  return views;
}

/** Selected is which policies select some DNS pods, certainly or possibly. */
interface Selected {
  surely(policy: Policy): boolean;
  perhaps(policy: Policy): boolean;
}

/** The live pods decide exactly; without them every pod that the Service's selector picks is one. */
function podsOf(server: DnsPods): readonly Selected[] {
  const live = server.livePods ?? [];
  if (live.length === 0) return [byServiceSelector(server.pods)];
  const distinct = new Map(live.map((labels) => [LabelSelector.exactly(labels).key, labels]));
  return [...distinct.values()].map((labels) => {
    const selects = ({ subject }: Policy) => subject.matches(labels);
    return { surely: selects, perhaps: selects };
  });
}

function byServiceSelector(pods: LabelSelector): Selected {
  return {
    surely: ({ subject }) => pods.isSubset(subject),
    perhaps: ({ subject }) => pods.intersects(subject),
  };
}

function viewOf(situation: Situation, server: DnsPods, { surely, perhaps }: Selected): ServerView | undefined {
  const { change, policy, settings } = situation;
  const changed = [policy, change.before].filter((candidate) => candidate !== undefined).filter(perhaps);
  if (changed.length === 0) return undefined;
  const counts = (candidate: Policy) => surely(candidate) || changed.includes(candidate);
  const stood = (candidate: Policy) => !candidate.deleting && counts(candidate);
  const plane = (state: PolicyState, selects: (policy: Policy) => boolean) =>
    dnsPlane(state, server, selects, settings.dns.ports);
  return {
    server,
    before: plane(situation.before, stood),
    after: plane(situation.after, counts),
    own: changed.find((candidate) => candidate === policy),
    unsure: changed.every(surely)
      ? undefined
      : 'whether it selects the DNS pods depends on labels that are unknown here',
  };
}
