import { type Row, record } from '../report.ts';
import { ALL_TRAITS, type Trait } from './kube-router.ts';
import type { Tally } from './tally.ts';

const TRAITS: Readonly<Record<Trait, Omit<Row<'differences'>, 'became'>>> = {
  'unresolved-name-opens-every-port': {
    difference: 'A rule whose only ports are names that none of its peers has: packets pass on every port.',
    whose: 'kube-router',
    evidence:
      '`processEgressRules`, `processIngressRules`: whether a rule has no ports is asked of the ports that could be resolved.',
  },
  'name-without-peers-is-the-namespaces-own': {
    difference:
      'A rule with a port name and no `to`: the name is looked up among the pods of the policy’s namespace, and the number that they give it is open to every address; where none gives it one, nothing is.',
    whose: 'kube-router',
    evidence: '`buildNetworkPoliciesInfo`: the pods of a rule without peers are those of the policy’s namespace.',
  },
  'except-of-one-block-cuts-all': {
    difference: 'A rule with several `ipBlock`s: what one of them excepts is cut out of the wider ones beside it too.',
    whose: 'kube-router',
    evidence: '`evalIPBlockPeer`: all blocks of a rule, exceptions included, share one `hash:net` set.',
  },
};

/** recordTraits records each trait of kube-router with how often it showed in some runs. */
export function recordTraits(runs: readonly Tally[]): void {
  for (const trait of ALL_TRAITS) {
    const counts = runs.map((run) => run.traitCounts(trait));
    const questions = counts.reduce((total, each) => total + each.questions, 0);
    const worlds = counts.reduce((total, each) => total + each.worlds, 0);
    const became = `Predicted each time: ${questions} questions in ${worlds} worlds of this run. Fixed test: \`test/cluster/traits.test.ts\`.`;
    record('differences', { ...TRAITS[trait], became });
  }
}
