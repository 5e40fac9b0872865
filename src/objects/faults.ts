import { InvalidObject } from './invalid-object.ts';
import type { Problem } from './problem.ts';

/**
 * Faults hears what is wrong with an object while it is read. So one reader serves those who need the object, and stop at the
 * first fault, and those who want to hear of all. After a fault a reader goes on with the zero value in the field's place.
 */
export interface Faults {
  /**
   * Whether it wants to hear of all that the API server refuses. A stored object is past that: it may have fields that are
   * newer than its reader, and names that are older than their grammar.
   */
  readonly wantsAll: boolean;
  /** unreadable hears of a field that no reader can do with. */
  unreadable(path: string, message: string): void;
  /** refused hears of what the API server refuses, though it can be read. */
  refused(problem: Problem): void;
}

/** FIRST_FAULT throws InvalidObject at the first field that cannot be read, and takes the rest. */
export const FIRST_FAULT: Faults = {
  wantsAll: false,
  unreadable(path, message) {
    throw new InvalidObject(path, message);
  },
  refused() {},
};

/** Checked is what was read of an object, and all that is wrong with it. */
export interface Checked<T> {
  /** Absent where a problem is not tolerated. */
  readonly value: T | undefined;
  /** What was read in spite of the problems, with zero values in their places; absent where even that is too much. */
  readonly draft: T | undefined;
  readonly problems: readonly Problem[];
}

/**
 * checked reads an object with a reader that hands its faults on. It returns the first problem of every field, in the order
 * of reading: what else a reader says of a field comes of its going on after a fault.
 */
export function checked<T>(read: (faults: Faults) => T): Checked<T> {
  const problems = new Map<string, Problem>();
  const add = (problem: Problem) => {
    if (!problems.has(problem.path)) problems.set(problem.path, problem);
  };
  const faults: Faults = { wantsAll: true, unreadable: (path, message) => add({ path, message }), refused: add };
  let draft: T | undefined;
  try {
    draft = read(faults);
  } catch (error) {
    if (!(error instanceof InvalidObject)) throw error;
    add({ path: error.path, message: error.problem });
  }
  const found = [...problems.values()];
  const isValid = found.every(({ tolerated }) => tolerated === true);
  return { value: isValid ? draft : undefined, draft, problems: found };
}
