import { describe, expect, it } from 'vitest';
import { RULES } from '../../../src/policy/rules/index.ts';
import { readDocuments } from '../../rules/apply-edits.ts';
import { isolatedAnew, openedAnew } from '../../rules/harm.ts';
import { judgeCase, readCases } from '../../rules/rule-cases.ts';
import { fixFiles } from './fixed.ts';

const cases = RULES.flatMap(({ id }) =>
  (['invalid', 'valid'] as const).flatMap((kind) =>
    readCases(id, kind).map(({ name, manifests }) => [`${id}/${kind}/${name}`, manifests] as const),
  ),
);

describe('what is fixed by itself isolates nobody, opens nothing but cluster DNS, brings no fault, and is done once', () => {
  it.each(cases)('%s', (name, manifests) => {
    const { texts, done } = fixFiles({ [name]: manifests });
    const text = texts.get(name) ?? '';
    if (done.length === 0) {
      expect(text).toBe(manifests);
      return;
    }
    const [before, after] = [readDocuments(manifests), readDocuments(text)];
    expect(isolatedAnew(before, after)).toEqual([]);
    expect(openedAnew(before, after, judgeCase(manifests).servers)).toEqual([]);
    const again = fixFiles({ [name]: text });
    expect(again.done).toEqual([]);
    expect(again.texts.get(name)).toBe(text);
  });
});
