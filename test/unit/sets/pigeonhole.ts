import { LabelSelector, type Requirement } from '../../../src/sets/label-selector.ts';

const of = (...lines: Requirement[]) => LabelSelector.of(new Map(), lines);
const isIn = (key: string, ...values: string[]): Requirement => ({ key, operator: 'In', values });
const notIn = (key: string, ...values: string[]): Requirement => ({ key, operator: 'NotIn', values });

/** pigeonhole is the principle as selectors: pods 0 to holes cannot all have a hole of their own. Hard for any search. */
export function pigeonhole(holes: number): LabelSelector[] {
  const covers: LabelSelector[] = [];
  const sits = (pigeon: number, hole: number) => isIn(`p${pigeon}-${hole}`, 'y');
  const homeless = (pigeon: number) => Array.from({ length: holes }, (_, hole) => notIn(`p${pigeon}-${hole}`, 'y'));
  for (let pigeon = 0; pigeon <= holes; pigeon += 1) {
    covers.push(of(...homeless(pigeon)));
    for (let other = 0; other < pigeon; other += 1) {
      for (let hole = 0; hole < holes; hole += 1) covers.push(of(sits(pigeon, hole), sits(other, hole)));
    }
  }
  return covers;
}
