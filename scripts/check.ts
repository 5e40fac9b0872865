import { spawn } from 'node:child_process';
import { listLongFunctions, MAX_LINES } from './long-functions.ts';

/** Step is one tool of `npm run check`. */
interface Step {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /**
   * What the tool prints when it has checked something; without it the step fails, whatever its exit status. Absent if
   * the tool itself fails when there is nothing to check.
   */
  readonly saw?: RegExp;
  /** A note printed once the tool has ended, which fails nothing. */
  readonly note?: () => readonly string[];
}

const STEPS: readonly Step[] = [
  { name: 'format', command: ['biome', 'check', '.'], saw: /Checked [1-9]\d* files/ },
  {
    name: 'lint',
    command: ['oxlint', '--type-aware', '--deny-warnings'],
    saw: /on [1-9]\d* files with [1-9]\d* rules/,
    note: noteOfLength,
  },
  { name: 'types', command: ['tsc', '-p', '.', '--diagnostics'], saw: /Files: +[1-9]/ },
  {
    name: 'knip',
    command: ['knip', '--no-progress', '--reporter', 'symbols', '--reporter', './scripts/knip-count.ts'],
    saw: /looked at [1-9]\d* files/,
  },
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit'], saw: /Tests .*\b[1-9]\d* passed/ },
  { name: 'docs', command: ['node', 'scripts/docs.ts', '--check'] },
];

/** noteOfLength names the functions that may be clearer in pieces. */
function noteOfLength(): readonly string[] {
  const long = listLongFunctions(['src', 'test']);
  const places = long.map(({ file, line, name, lines }) => `  ${file}:${line} ${name} (${lines} lines)`);
  return long.length === 0 ? [] : [`longer than ${MAX_LINES} lines, listed and not refused:`, ...places];
}

/** run executes a step, passes its output on, and returns why it failed, if it did. */
async function run({ command: [program, ...args], saw }: Step): Promise<string | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
  let output = '';
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    from.setEncoding('utf8');
    from.on('data', (chunk: string) => {
      output += chunk;
      to.write(chunk);
    });
  }
  const status = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'no status'));
  });
  if (status !== 0) return `exit status ${status}`;
  return saw === undefined || saw.test(output) ? undefined : 'it checked nothing';
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`check: no step ${unknown.join(', ')}; the steps are ${STEPS.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

const failures: string[] = [];
const steps = STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
for (const step of steps) {
  console.log(`\n== ${step.name}: ${step.command.join(' ')}`);
  const failure = await run(step);
  const note = step.note?.() ?? [];
  if (note.length > 0) console.log(`${step.name}: ${note.join('\n')}`);
  if (failure !== undefined) failures.push(`${step.name}: ${failure}`);
}
const passed = steps.length - failures.length;
console.log(`\ncheck: ${passed} of ${steps.length} steps passed on Node ${process.version}`);
for (const failure of failures) console.error(`check: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;
