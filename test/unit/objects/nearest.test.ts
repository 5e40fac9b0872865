import { expect, it } from 'vitest';
import { nearest } from '../../../src/objects/nearest.ts';

const words = ['matchLabels', 'matchExpressions', 'to', 'ports', 'port'];

it.each([
  ['matchlabels', 'matchLabels'],
  ['matchLabel', 'matchLabels'],
  ['macthLabels', 'matchLabels'],
  ['prot', 'port'],
  ['portss', 'ports'],
  ['tto', 'to'],
  ['selector', undefined],
  ['', undefined],
])('%s most likely means %s', (word, expected) => {
  expect(nearest(word, words)).toBe(expected);
});
