import { record } from '../report/record.ts';
import type { Row } from '../report/sections.ts';
import { describeJudged, type Judged, manifestsOf } from './judge.ts';
import type { Trait } from './kube-router.ts';
import type { World } from './world.ts';

/** Of what fails, so many worlds are shown in full. */
const SHOWN = 5;

/** FAULTS are the verdicts that fail a test. */
const FAULTS: ReadonlySet<Judged['verdict']> = new Set(['engine', 'unexplained']);

const TRAITS: Readonly<Record<Trait, Row<'differences'>>> = {
  'unresolved-name-opens-every-port': {
    difference: 'A rule whose only ports are names that none of its peers has: packets pass on every port.',
    whose: 'kube-router',
    evidence:
      '`processEgressRules`, `processIngressRules`: whether a rule has no ports is asked of the ports that could be resolved.',
    became: '',
  },
  'name-without-peers-is-the-namespaces-own': {
    difference:
      'A rule with a port name and no `to`: the name is looked up among the pods of the policy’s namespace, and the number that they give it is open to every address; where none gives it one, nothing is.',
    whose: 'kube-router',
    evidence: '`buildNetworkPoliciesInfo`: the pods of a rule without peers are those of the policy’s namespace.',
    became: '',
  },
  'except-of-one-block-cuts-all': {
    difference: 'A rule with several `ipBlock`s: what one of them excepts is cut out of the wider ones beside it too.',
    whose: 'kube-router',
    evidence: '`evalIPBlockPeer`: all blocks of a rule, exceptions included, share one `hash:net` set.',
    became: '',
  },
};

/** Tally counts what came of many worlds. */
export class Tally {
  /** The worlds that fail the test, as text: who said what, and manifests. */
  readonly faults: string[] = [];
  private worlds = 0;
  private differing = 0;
  private readonly verdicts = new Map<string, number>();
  private readonly traits = new Map<Trait, { questions: number; worlds: number }>();

  add(world: World, judged: readonly Judged[]): void {
    this.worlds += 1;
    const explained = new Set<Trait>();
    for (const one of judged) {
      const { question, packets, verdict } = one;
      this.count(`${question.target} ${question.transport} ${packets ? 'reached' : 'refused'}`);
      this.count(typeof verdict === 'string' ? verdict : 'trait');
      this.count(`engine ${one.engine}`);
      for (const trait of typeof verdict === 'string' ? [] : verdict) {
        explained.add(trait);
        const counts = this.traits.get(trait) ?? { questions: 0, worlds: 0 };
        counts.questions += 1;
        this.traits.set(trait, counts);
      }
    }
    for (const trait of explained) {
      const counts = this.traits.get(trait);
      if (counts !== undefined) counts.worlds += 1;
    }
    const faults = judged.filter(({ verdict }) => FAULTS.has(verdict));
    if (faults.length > 0 || explained.size > 0) this.differing += 1;
    if (faults.length > 0) this.fail(faults.map(describeJudged), world);
  }

  /** fail keeps a world that was judged wrong, or not at all. */
  fail(lines: readonly string[], world: World): void {
    if (this.faults.length < SHOWN) this.faults.push(`${lines.join('\n')}\n${manifestsOf(world)}`);
  }

  /** counts lists everything counted, in the order of their names. */
  counts(): readonly (readonly [what: string, times: number])[] {
    return [
      ...this.verdicts,
      ...[...this.traits].map(([trait, { questions }]) => [trait, questions] as const),
    ].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  private count(what: string): void {
    this.verdicts.set(what, this.of(what) + 1);
  }

  /** of returns how often something was counted: `dns UDP refused`, `agree`, `engine plugin`. */
  of(what: string): number {
    return this.verdicts.get(what) ?? 0;
  }

  /** report records the run, and each trait with how often it showed. */
  report(run: string, seed: number): void {
    const questions = ['agree', 'trait', 'engine', 'unexplained'].map((verdict) => this.of(verdict));
    const sum = questions.reduce((total, each) => total + each, 0);
    record('worlds', {
      run,
      seed: String(seed),
      worlds: String(this.worlds),
      questions: `${sum}, of which the engine leaves ${this.of('engine plugin')} to the network plugin`,
      agreed: String(this.of('agree')),
      differed: `${sum - this.of('agree')} in ${this.differing} worlds, ${this.of('trait')} of them predicted by traits of kube-router`,
    });
    for (const [trait, row] of Object.entries(TRAITS)) {
      const { questions: times, worlds } = this.traits.get(trait as Trait) ?? { questions: 0, worlds: 0 };
      const became = `Predicted each time: ${times} questions in ${worlds} worlds of this run. Fixed test: \`test/cluster/traits.test.ts\`.`;
      record('differences', { ...row, became });
    }
  }
}
