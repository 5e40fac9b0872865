import type { Sender } from './cast.ts';
import type { Attempt, Tried } from './stage.ts';
import type { TargetName } from './targets.ts';

/** Reach is what a sender reaches, and what it does not. */
interface Reach {
  readonly reaches?: readonly TargetName[];
  readonly not?: readonly TargetName[];
}

/** Packets are what packets do, by who sends the first one. */
export type Packets = Readonly<Partial<Record<Sender, Reach>>>;

/** attemptsOf are all attempts that are spoken of. */
export function attemptsOf(packets: Packets): readonly Attempt[] {
  return entries(packets).flatMap(([from, { reaches = [], not = [] }]) =>
    [...reaches, ...not].map((target) => ({ from, target })),
  );
}

/** told writes what is claimed, in the words that `seen` has for what was tried. */
export function told(packets: Packets): readonly string[] {
  return entries(packets).flatMap(([from, { reaches = [], not = [] }]) => [
    ...reaches.map((target) => sentence(from, true, target)),
    ...not.map((target) => sentence(from, false, target)),
  ]);
}

/** seen writes what came of attempts. An answer by somebody else, or another one, is neither of both. */
export function seen(tried: readonly Tried[]): readonly string[] {
  return tried.map(({ from, target, outcome }) =>
    outcome.startsWith('said ') ? `${from}, ${target}: ${outcome}` : sentence(from, outcome === 'reached', target),
  );
}

/** summary writes what is claimed for a cell of a table. */
export function summary(packets: Packets): string {
  const parts = ([from, { reaches = [], not = [] }]: readonly [Sender, Reach]) => [
    ...(reaches.length > 0 ? [`\`${from}\` reaches ${reaches.join(', ')}`] : []),
    ...(not.length > 0 ? [`\`${from}\` does not reach ${not.join(', ')}`] : []),
  ];
  return entries(packets).flatMap(parts).join('\n');
}

function sentence(from: Sender, reached: boolean, target: TargetName): string {
  return `${from} ${reached ? 'reaches' : 'does not reach'} ${target}`;
}

function entries(packets: Packets): readonly (readonly [Sender, Reach])[] {
  return Object.entries(packets) as (readonly [Sender, Reach])[];
}
