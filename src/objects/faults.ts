import { InvalidObject } from './invalid-object.ts';
import type { Problem } from './problem.ts';

/**
 * Faults collects the faults of an object while it is read. So one reader serves callers that need the object and stop
 * at the first fault, and callers that want all faults. After a fault a reader continues with the zero value in the
 * field's place.
 */
export interface Faults {
  /**
   * Whether it wants everything that the API server refuses. A stored object has passed that check: it may have fields
   * that are newer than its reader, and names that are older than their grammar.
   */
  readonly wantsAll: boolean;
  /** unreadable is called for a field that cannot be read. */
  unreadable(path: string, message: string): void;
  /** refused is called for a field that the API server refuses although it can be read. */
  refused(problem: Problem): void;
}

/** FIRST_FAULT throws InvalidObject at the first field that cannot be read, and accepts everything else. */
export const FIRST_FAULT: Faults = {
  wantsAll: false,
  unreadable(path, message) {
    throw new InvalidObject(path, message);
  },
  refused() {},
};

/** Checked is what was read of an object, and all its problems. */
export interface Checked<T> {
  /** Absent if a problem is not tolerated. */
  readonly value: T | undefined;
  /** What was read in spite of the problems, with zero values in their places; absent if even that is impossible. */
  readonly draft: T | undefined;
  readonly problems: readonly Problem[];
}

/**
 * checked reads an object with a reader that reports its faults. It returns the first problem of every field, in the
 * order of reading: further problems of a field only result from continuing after a fault.
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
