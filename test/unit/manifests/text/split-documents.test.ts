import { describe, expect, it } from 'vitest';
import { splitDocuments } from '../../../../src/manifests/text/split-documents.ts';

const texts = (text: string) => splitDocuments(text).map((chunk) => chunk.text);

describe('splitDocuments', () => {
  it('cuts at lines that begin with ---', () => {
    expect(texts('a: 1\n---\nb: 2\n--- # comment\nc: 3')).toEqual(['a: 1\n', '\nb: 2\n', '\nc: 3']);
  });

  it('gives each chunk its offset', () => {
    const text = '---\na: 1\n---\n---\n\nb: 2\n';
    for (const chunk of splitDocuments(text)) expect(text.startsWith(chunk.text, chunk.offset)).toBe(true);
    expect(splitDocuments(text)).toHaveLength(2);
  });

  it('cuts at --- whatever surrounds it, as kubectl does', () => {
    expect(texts('a: |\n  x\n---\n  y\n')).toEqual(['a: |\n  x\n', '\n  y\n']);
  });

  it('leaves --- within a line, and behind a line break that only YAML 1.1 knows', () => {
    expect(texts('a: b---\n # \u2028--- \nc: d\n')).toHaveLength(1);
  });

  it('refuses content behind the separator', () => {
    const [first, second, third] = splitDocuments('a: 1\n--- {b: 2}\n---\nc: 3\n');
    expect([first?.problem, third?.problem]).toEqual([undefined, undefined]);
    expect(second?.offset).toBe(5);
    expect(second?.problem).toContain('move "{b: 2}" to the next line');
  });

  it('finds nothing in an empty file', () => {
    expect(splitDocuments('')).toEqual([]);
    expect(splitDocuments('\n---\n\n---')).toEqual([]);
  });

  it('cuts a stream of JSON objects', () => {
    expect(texts('{"a": "}\\"{"}\n{"b": [{}]} {"c": 1}')).toEqual(['{"a": "}\\"{"}', '{"b": [{}]}', '{"c": 1}']);
  });

  it('takes for YAML what begins with a brace and is no JSON', () => {
    expect(texts('{a: b}\n---\n{c: d}\n')).toEqual(['{a: b}\n', '\n{c: d}\n']);
    expect(texts('{"a": 1}\n---\n{"c": 1,}\n')).toEqual(['{"a": 1}\n', '\n{"c": 1,}\n']);
  });

  it('refuses what follows two JSON objects and is none', () => {
    const problems = splitDocuments('{}{}\n{"a": 1,}').map(({ problem }) => problem);
    expect(problems).toEqual([undefined, undefined, 'is not a JSON value, unlike those before it']);
  });
});
