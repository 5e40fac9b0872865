import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { SRC, sourceFiles } from '../architecture/source-files.ts';
import { HOSTILE_TEXTS } from '../unit/objects/hostile-text.ts';
import { ANSWERS } from './answers.ts';
import { CLUSTERS } from './clusters.ts';
import { doorsOf } from './doors.ts';
import { PRINTED } from './printed.ts';
import { faultsOf, type Sink } from './sink.ts';

// Some start a server for each text, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

const SINKS: readonly Sink[] = [...ANSWERS, ...PRINTED, ...CLUSTERS];

/** Where texts leave that no stranger can have written, and why that is so. */
const OWN_WORDS: ReadonlyMap<string, string> = new Map([
  ['admission/server/health.ts', 'names of caches, and what else is waited for'],
  ['commands/serve/metrics/controller.ts', 'templates of the configuration, rules, states and results'],
  ['tls/authority-file.ts', 'a certificate of our own making, in a folder of our own'],
]);

/** Doors are, by file, the ways by which texts leave there. */
type Doors = ReadonlyMap<string, readonly string[]>;

const DOORS: Doors = new Map([...sourceFiles()].map(([path, text]) => [path, doorsOf(path, text)]));

/** missingIn names the files by which texts leave and that no sink names, and those that are named and let nothing out. */
function missingIn(doors: Doors, sinks: readonly Sink[]): readonly string[] {
  const named = new Set([...sinks.flatMap((sink) => sink.files), ...OWN_WORDS.keys()]);
  const unnamed = [...doors].filter(([path, found]) => found.length > 0 && !named.has(path));
  return [
    ...unnamed.map(([path, found]) => `${path}: ${found.join(', ')}; send it hostile texts in test/hostile-sinks/`),
    ...[...named].filter((path) => !doors.get(path)?.length).map((path) => `${path}: lets nothing out`),
  ];
}

describe.each(SINKS)('$name', (sink) => {
  it('is where an ordinary text comes out, unless none may', async () => {
    expect((await sink.send('ordinary')).includes('ordinary')).toBe(sink.isSilent !== true);
  });

  it.each(HOSTILE_TEXTS)('is safe from a text that %s', async (_, text) => {
    expect(faultsOf(sink, await sink.send(text), text)).toEqual([]);
  });
});

it('the program itself prints no more than its errors', async () => {
  const all = HOSTILE_TEXTS.map(([, text]) => text).join('\n');
  const program = new Worker(join(SRC, 'main.ts'), { argv: [all], stdout: true, stderr: true });
  const printed = `${await text(program.stdout)}${await text(program.stderr)}`;
  expect(printed).toMatch(/^netpol-guard: unknown command "/);
  expect(faultsOf({ name: 'the program', files: [], send: () => printed }, printed, all)).toEqual([]);
});

describe('the table of sinks', () => {
  it('has every place where a text leaves the process', () => {
    expect(missingIn(DOORS, SINKS)).toEqual([]);
  });

  it.each([
    [
      'report/html.ts',
      'export function reportHtml(report: Report): string { return report.notes.join(); }',
      'reportHtml',
    ],
    ['commands/greet.ts', 'export async function greet() {}', 'a command'],
    ['commands/serve/hello.ts', 'io.out(`hello ${name}`);', 'out'],
    ['commands/serve/bye.ts', 'const { out } = io; out(name);', 'out'],
    ['controller/notes.ts', 'keep({ tell: io.err });', 'err'],
    ['cli/ask.ts', 'process.stderr.write(question);', 'write'],
    ['cli/debug.ts', 'console.log(value);', 'console'],
    ['controller/diary.ts', "const { logger } = createLog('info', keep);", 'createLog'],
    ['manifests/files/fix.ts', 'await writeFile(path, text);', 'writeFile'],
    ['admission/handlers/pods.ts', 'export const refuse = (message) => denied(message, []);', 'denied'],
    ['admission/server/page.ts', "app.get('/', (_, reply) => reply.code(404).type('text/html').send(page));", 'send'],
    ['commands/serve/metrics/tls.ts', "new Counter({ name: 'a', labelNames: ['user'] });", 'Counter'],
  ])('would miss a new one, %s', (path, text, door) => {
    const fault = `${path}: ${door}; send it hostile texts in test/hostile-sinks/`;
    expect(missingIn(new Map([...DOORS, [path, doorsOf(path, text)]]), SINKS)).toEqual([fault]);
  });

  it('would tell of one that lets nothing out any more', () => {
    const closed = { name: 'a', files: ['objects/glob.ts'], send: () => '' };
    expect(missingIn(DOORS, [...SINKS, closed])).toEqual(['objects/glob.ts: lets nothing out']);
  });
});

describe('a sink that lets a text through as it is', () => {
  const leak = { name: 'a leak', files: [] };
  const harmless = /^is (?:half a command|HTML|Markdown|YAML|the name of)/;

  it.each(HOSTILE_TEXTS.filter(([does]) => !harmless.test(does)))('is found by a text that %s', (_, text) => {
    expect(faultsOf({ ...leak, send: () => text }, text, text)).not.toEqual([]);
  });

  it('is found by what it loses, and by what it says where it should say nothing', () => {
    expect(faultsOf({ ...leak, send: () => '', parse: JSON.parse }, '{"a":"b"}', 'c')).toEqual(['the text is lost']);
    expect(faultsOf({ ...leak, send: () => '', isSilent: true }, 'a b c', 'b')).toEqual(['the text comes out']);
  });
});
