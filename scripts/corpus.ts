import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { InvalidObject } from '../src/objects/invalid-object.ts';
import { readNetworkPolicy } from '../src/policy/dialects/network-policy/network-policy.ts';
import { tryFixes } from './corpus/fixes.ts';
import { KNOWN_DISAGREEMENTS } from './corpus/known-disagreements.ts';
import { COLUMNS, missesDns, verdicts } from './corpus/verdicts.ts';

/** Disagreement is one cell of the table to which the engine gives another answer. */
interface Disagreement {
  readonly id: string;
  readonly column: string;
  readonly corpus: string;
  readonly engine: string;
  readonly note: string;
}

/** readTable reads tab-separated values with a header line. */
function readTable(file: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = header.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  });
}

/** compare judges one policy and returns the cells that differ; an extra column is the linter's own verdict. */
function compare(row: Record<string, string>, text: string): Disagreement[] {
  const { id = '', note = '' } = row;
  try {
    const policy = readNetworkPolicy(parse(text, { version: '1.1' }), 'default');
    const engine: Record<string, string> = verdicts(policy);
    const differing = COLUMNS.flatMap((column) => {
      const [said = '', expected = ''] = [engine[column], row[column]];
      return said === expected ? [] : [{ id, column, corpus: expected, engine: said, note }];
    });
    const complete = row['dns_carveout_complete'] === 'y' || row['dns_carveout_complete'] === 'na';
    if (row['dns_carveout_complete'] === 'unsure' || missesDns(policy) !== complete) return differing;
    return [
      ...differing,
      { id, column: 'finding', corpus: complete ? 'none' : 'some', engine: complete ? 'some' : 'none', note },
    ];
  } catch (error) {
    if (!(error instanceof InvalidObject)) throw error;
    return [{ id, column: 'object', corpus: 'read', engine: `refused: ${error.message}`, note }];
  }
}

const folder = process.argv[2];
if (folder === undefined) {
  console.error('corpus: name the folder that holds corpus.tsv and policies/');
  process.exit(2);
}

const rows = readTable(join(folder, 'corpus.tsv')).filter(({ dialect }) => dialect === 'k8s');
const texts = new Map(rows.map((row) => [row, readFileSync(join(folder, 'policies', `${row['id']}.yaml`), 'utf8')]));
const found = rows.flatMap((row) => compare(row, texts.get(row) ?? ''));
const keyOf = ({ id, column }: { id: string; column: string }) => `${id} ${column}`;
const known = new Map(KNOWN_DISAGREEMENTS.map((entry) => [keyOf(entry), entry]));
const unlisted = found.filter((disagreement) => !known.has(keyOf(disagreement)));
const agreedAgain = KNOWN_DISAGREEMENTS.filter((entry) => !found.some((other) => keyOf(other) === keyOf(entry)));

for (const column of [...COLUMNS, 'finding']) {
  const differ = found.filter(
    (disagreement) => disagreement.column === column || disagreement.column === 'object',
  ).length;
  console.log(`${column}: ${rows.length - differ} of ${rows.length} rows agree`);
}
for (const { id, column, corpus, engine, note } of found) {
  const entry = known.get(`${id} ${column}`);
  const why = entry === undefined ? `NOT LISTED (corpus notes: ${note})` : entry.reason;
  console.log(`${id} ${column}: corpus ${corpus}, engine ${engine}: ${why}`);
}
for (const { id, column } of agreedAgain) console.log(`${id} ${column}: is listed as a disagreement, and agrees`);
console.log(`${rows.length} rows, ${found.length} disagreements, ${found.length - unlisted.length} of them listed`);

const fixes = [...texts].map(([{ id }, text]) => ({ id, ...tryFixes(text) }));
const breaches = fixes.flatMap(({ id, breaches: sentences }) => sentences.map((sentence) => `${id}: ${sentence}`));
for (const breach of breaches) console.log(breach);
const count = fixes.reduce((sum, { fixes: some }) => sum + some, 0);
console.log(`${count} fixes tried, ${breaches.length} of them bring harm or leave the fault`);
if (rows.length === 0) console.error('corpus: no k8s rows seen');
const isRight =
  rows.length > 0 && unlisted.length === 0 && agreedAgain.length === 0 && breaches.length === 0 && count > 0;
process.exitCode = isRight ? 0 : 1;
