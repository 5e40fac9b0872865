import { expect, it } from 'vitest';
import { didYouMean } from '../../../src/objects/did-you-mean.ts';

const RULES = ['dns-blocked', 'dns-open-to-cluster', 'dns-over-tcp-blocked', 'dns-partly-blocked', 'baseline-modified'];

it.each([
  ['dns-blokced', 'did you mean dns-blocked?'],
  ['dns', 'did you mean dns-blocked, dns-partly-blocked or dns-open-to-cluster? explain lists all'],
  ['DNS', 'did you mean dns-blocked, dns-partly-blocked or dns-open-to-cluster? explain lists all'],
  ['baseline', 'did you mean baseline-modified?'],
  ['tcp-dns', 'did you mean dns-over-tcp-blocked?'],
  ['partly blocked', 'did you mean dns-partly-blocked?'],
  ['open-partly', 'explain lists all'],
  ['zebra', 'explain lists all'],
  ['d', 'explain lists all'],
  ['', 'explain lists all'],
  ['-', 'explain lists all'],
])('%j: %s', (word, question) => {
  expect(didYouMean(word, RULES, 'explain lists all')).toBe(question);
});
