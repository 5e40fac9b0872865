import { describe, expect, it } from 'vitest';
import { inBlock, inCidr } from './blocks.ts';
import { bruteForce } from './brute-force.ts';
import { drawWorlds } from './draw.ts';
import { EngineSays } from './engine-says.ts';
import { describeJudged, judge, manifestsOf } from './judge.ts';
import { ALL_TRAITS, kubeRouter } from './kube-router.ts';
import { QUESTIONS, type Question, type World } from './world.ts';

const worlds = [...drawWorlds(150, 20_261_121, 53), ...drawWorlds(100, 20_261_122, 5353)];

/** Prints the world, so that whoever sees it fail has something to apply. */
function faultsIn(differs: (world: World, question: Question) => boolean): readonly string[] {
  return worlds.flatMap((world) => {
    const differing = QUESTIONS.filter((question) => differs(world, question));
    return differing.length === 0 ? [] : [`${JSON.stringify(differing)}\n${manifestsOf(world)}`];
  });
}

describe('what is said of random worlds before any packet is sent', () => {
  it('is the same by the engine and by brute force, but where the engine says that plugins differ', () => {
    const said = worlds.map((world) => new EngineSays(world));
    const faults = faultsIn((world, question) => {
      const answer = said[worlds.indexOf(world)]?.answer(question);
      return answer !== 'plugin' && (answer === 'yes') !== bruteForce(world, question);
    });
    expect(faults).toEqual([]);
  });

  it('is the same by brute force and by the model of kube-router without its traits', () => {
    expect(
      faultsIn((world, question) => kubeRouter(world, question, new Set()) !== bruteForce(world, question)),
    ).toEqual([]);
  });

  it('differs with each of the traits', () => {
    for (const trait of ALL_TRAITS) {
      const shows = (world: World, question: Question) =>
        kubeRouter(world, question, new Set([trait])) !== bruteForce(world, question);
      expect(worlds.some((world) => QUESTIONS.some((question) => shows(world, question)))).toBe(true);
    }
  });

  it('is yes and no for every target and transport', () => {
    const seen = new Set(
      worlds.flatMap((world) =>
        QUESTIONS.map((question) => `${question.target} ${question.transport} ${bruteForce(world, question)}`),
      ),
    );
    expect(seen.size).toBe(3 * 2 * 2);
  });

  it('is drawn anew by each seed, and again by the same', () => {
    expect(drawWorlds(3, 1, 53)).toEqual(drawWorlds(3, 1, 53));
    expect(drawWorlds(3, 1, 53)).not.toEqual(drawWorlds(3, 2, 53));
  });
});

describe('the judge', () => {
  const [world] = worlds as [World];
  const asPredicted = new Map(QUESTIONS.map((question) => [question, kubeRouter(world, question, ALL_TRAITS)]));

  it('finds nothing unexplained where packets do as predicted', () => {
    expect(judge(world, asPredicted).filter(({ verdict }) => verdict === 'unexplained')).toEqual([]);
  });

  it('explains no packet that does otherwise', () => {
    const [first] = QUESTIONS as [Question];
    const judged = judge(world, new Map([...asPredicted, [first, !asPredicted.get(first)]]));
    const [unexplained, ...more] = judged.filter(({ verdict }) => verdict === 'unexplained');
    expect(more).toEqual([]);
    expect(unexplained && describeJudged(unexplained)).toMatch(/^shop\/client-0 reaches dns over UDP: .*unexplained/);
  });
});

describe('a block', () => {
  it('holds what lies in its range and in no exception', () => {
    expect(inCidr('10.0.0.0/8', '10.244.0.7')).toBe(true);
    expect(inCidr('0.0.0.0/0', '8.8.8.8')).toBe(true);
    expect(inCidr('::/0', '8.8.8.8')).toBe(false);
    expect(inBlock({ cidr: '10.0.0.0/8', except: ['10.244.0.0/24'] }, '10.244.0.7')).toBe(false);
    expect(inBlock({ cidr: '10.0.0.0/8', except: ['10.244.1.0/24'] }, '10.244.0.7')).toBe(true);
  });
});
