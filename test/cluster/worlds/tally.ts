import { record } from '../report.ts';
import { describeJudged, type Judged, manifestsOf } from './judge.ts';
import type { Trait } from './kube-router.ts';
import type { World } from './world.ts';

/** Of what fails, so many worlds are shown in full. */
const SHOWN = 5;

/** FAULTS are the verdicts that fail a test. */
const FAULTS: ReadonlySet<Judged['verdict']> = new Set(['engine', 'unexplained']);

interface TraitCounts {
  readonly questions: number;
  readonly worlds: number;
}

/** Tally counts what came of many worlds. */
export class Tally {
  /** The worlds that fail the test, as text: who said what, and manifests. */
  readonly faults: string[] = [];
  private worlds = 0;
  private differing = 0;
  private readonly verdicts = new Map<string, number>();
  private readonly traits = new Map<Trait, TraitCounts>();

  add(world: World, judged: readonly Judged[]): void {
    this.worlds += 1;
    for (const { question, engine, packets, verdict } of judged) {
      this.count(`${question.target} ${question.transport} ${packets ? 'reached' : 'refused'}`);
      this.count(typeof verdict === 'string' ? verdict : 'trait');
      this.count(`engine ${engine}`);
    }
    const explained = judged.flatMap(({ verdict }) => (typeof verdict === 'string' ? [] : verdict));
    for (const trait of new Set(explained)) {
      const { questions, worlds } = this.traitCounts(trait);
      const more = explained.filter((other) => other === trait).length;
      this.traits.set(trait, { questions: questions + more, worlds: worlds + 1 });
    }
    const faults = judged.filter(({ verdict }) => FAULTS.has(verdict));
    if (faults.length > 0 || explained.length > 0) this.differing += 1;
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

  /** traitCounts tells in how many questions, and in how many worlds, a trait of kube-router was what differed. */
  traitCounts(trait: Trait): TraitCounts {
    return this.traits.get(trait) ?? { questions: 0, worlds: 0 };
  }

  /** report records the run. */
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
  }
}
