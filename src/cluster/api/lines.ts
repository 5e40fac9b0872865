import { AnswerTooLarge } from './api-error.ts';
import type { ByteBudget } from './byte-budget.ts';

const NEWLINE = 0x0a;

/**
 * lines splits a stream at newlines. Empty lines are skipped; a last line without its newline counts. Throws
 * AnswerTooLarge as soon as a line passes `maxBytes`, before it is held in full.
 */
export async function* lines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let size = 0;
  const take = (part: Uint8Array) => {
    size += part.length;
    if (size > maxBytes) throw new AnswerTooLarge('line of a watch', maxBytes);
    pending.push(part);
  };
  const flush = () => {
    const line = Buffer.concat(pending).toString('utf8').trim();
    pending = [];
    size = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      const line = flush();
      if (line !== '') yield line;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  const rest = flush();
  if (rest !== '') yield rest;
}

/** bodyText reads a whole answer of at most `maxBytes`, which count in the budget where there is one. */
export async function bodyText(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
  budget?: ByteBudget,
): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    budget?.take(chunk.length, what);
    if (size > maxBytes) throw new AnswerTooLarge(what, maxBytes);
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}
