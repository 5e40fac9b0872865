import { nearest } from './nearest.ts';

const SUGGESTED = 3;

/**
 * didYouMean asks about a word that is none of the candidates: `did you mean a, b or c?` If it is misspelt, that is the
 * nearest one, else those that have all its parts (`blocked-dns`), the shortest first. `otherwise` tells where all are
 * listed; it follows if not all are named. `prefix` is written before each name.
 */
export function didYouMean(word: string, candidates: Iterable<string>, otherwise: string, prefix = ''): string {
  const known = [...candidates];
  const misspelt = nearest(word, known);
  if (misspelt !== undefined) return `did you mean ${prefix}${misspelt}?`;
  const alike = known.filter((candidate) => hasPartsOf(word, candidate)).sort((a, b) => a.length - b.length);
  const named = alike.slice(0, SUGGESTED).map((candidate) => `${prefix}${candidate}`);
  const last = named.pop();
  if (last === undefined) return otherwise;
  const question = `did you mean ${named.length === 0 ? '' : `${named.join(', ')} or `}${last}?`;
  return alike.length > SUGGESTED ? `${question} ${otherwise}` : question;
}

/** A single letter is part of nearly everything. */
function hasPartsOf(word: string, candidate: string): boolean {
  const parts = word
    .toLowerCase()
    .slice(0, 64)
    .split(/[^a-z0-9]+/)
    .filter((part) => part.length > 1);
  return parts.length > 0 && parts.every((part) => candidate.toLowerCase().includes(part));
}
