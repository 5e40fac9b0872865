import { quantiles } from '../../harness/figures.ts';
import { record } from '../report.ts';
import type { Heard } from './heard.ts';

/** Gone is what went out of a pod under a policy that was there before it, until the network plugin had seen it. */
export interface Gone {
  /** From the start of the process to the last datagram that was heard, in milliseconds; 0 where none was. */
  readonly datagramsFor: number;
  /** And to the last line over a connection that was opened for it. */
  readonly knocksFor: number;
  /** A connection was opened in that time. */
  readonly isConnected: boolean;
  /** And was heard of to the end. */
  readonly isStillConnected: boolean;
}

/** whatWent compares what was heard of a talker once the policies were in force with what was heard of it a while later. */
export function whatWent(name: string, before: Heard, after: Heard): Gone {
  const lasted = (how: 'datagram' | 'knock') => {
    const heard = after[how][name];
    return heard === undefined ? 0 : heard.lastAt - heard.startedAt;
  };
  return {
    datagramsFor: lasted('datagram'),
    knocksFor: lasted('knock'),
    isConnected: after.stream[name] !== undefined,
    isStillConnected: (after.stream[name]?.count ?? 0) > (before.stream[name]?.count ?? 0),
  };
}

/** tellGone records it: as a trait of the plugin, since no policy and no webhook has a hand in it. */
export function tellGone(gone: readonly Gone[]): void {
  const heard = gone.filter(({ datagramsFor }) => datagramsFor > 0).length;
  const connected = gone.filter(({ isConnected }) => isConnected).length;
  const still = gone.filter(({ isStillConnected }) => isStillConnected).length;
  record('baseline', {
    what: 'how long the network plugin lets a fresh pod talk to the outside, under policies that were there before it',
    value: `${heard} of ${gone.length} pods were heard: datagrams ${quantiles(gone.map(({ datagramsFor }) => datagramsFor))}; new TCP connections ${quantiles(gone.map(({ knocksFor }) => knocksFor))}; from the start of the pod's process. After that neither a datagram nor a new connection of any of them`,
  });
  record('traits', {
    policy: 'The baseline, and a pod that talks from its first moment.',
    packets: `kube-router learns of a pod from its status, so the pod’s first moments are unpoliced; and it lets pass what belongs to a connection that is open. ${connected} of ${gone.length} pods opened one in time, and ${still} of those were still heard over it at the end.`,
    matters:
      'A default-deny does not cut connections that are older than its rules in the kernel. Workloads that must not talk even once need a plugin that has the policies in force before it lets a pod start.',
  });
}
