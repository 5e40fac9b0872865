import { Session } from 'node:inspector';

/** The engine: what is judged with, and what it counts with. */
const ENGINE = /\/src\/(policy|sets)\/[^?]*\.ts/;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

const session = new Session();
session.connect();
post('Profiler.enable');
post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });

/**
 * stepsOf counts the steps that the engine takes for `work`: how often V8 enters each of its functions, loops and
 * branches. Unlike time that is the same on every machine, so what grows too fast fails each time. What happens inside
 * of JavaScript's own functions (sort, includes, concat) is not seen. Import this file before the engine: code that
 * is loaded already is not counted whole.
 */
export function stepsOf(work: () => unknown): number {
  post('Profiler.takePreciseCoverage');
  work();
  const { result } = post('Profiler.takePreciseCoverage') as Coverage;
  const counts = result
    .filter(({ url }) => ENGINE.test(url))
    .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)));
  const steps = counts.reduce((sum, count) => sum + count, 0);
  if (steps === 0) throw new Error('no step was counted: is the engine still where steps are looked for?');
  return steps;
}

/** An in-process session answers before post returns. */
function post(method: string, params: object = {}): unknown {
  let answer: unknown;
  const failures: Error[] = [];
  session.post(method, params, (error, result) => {
    if (error !== null) failures.push(error);
    answer = result;
  });
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return answer;
}
