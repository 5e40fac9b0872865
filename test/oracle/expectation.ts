/** Answer is what the engine may say of one rule: reported and blamed, reported as there before, or not reported. */
export type Answer = 'blamed' | 'standing' | 'absent';

/** Expectation is the answers that the contract allows of one rule and one change: one, but where it leaves room. */
export type Expectation = ReadonlySet<Answer>;

const ORDER: readonly Answer[] = ['blamed', 'standing', 'absent'];

export function only(answer: Answer): Expectation {
  return new Set([answer]);
}

/** answerOf turns two facts into an answer. */
export function answerOf(isThere: boolean, isWorse: boolean): Answer {
  return isThere ? (isWorse ? 'blamed' : 'standing') : 'absent';
}

/** strongest joins what several pods, protocols or policies say of one rule. */
export function strongest(answers: Iterable<Answer>): Answer {
  const seen = new Set(answers);
  return ORDER.find((answer) => seen.has(answer)) ?? 'absent';
}

/** joined is strongest where each side may be one of several. */
export function joined(expectations: Iterable<Expectation>): Expectation {
  let all: Expectation = only('absent');
  for (const each of expectations) {
    all = new Set([...all].flatMap((one) => [...each].map((other) => strongest([one, other]))));
  }
  return all;
}
