import { parseArgs } from 'node:util';
import { didYouMean } from '../objects/did-you-mean.ts';
import { messageOf } from '../objects/message-of.ts';
import { nearest } from '../objects/nearest.ts';

/** Flag is one option of a command. */
export interface Flag {
  /** The name of its value in help; absent for switches. */
  readonly value?: string | undefined;
  readonly short?: string | undefined;
  readonly choices?: readonly string[] | undefined;
  readonly help: string;
}

/** Command is one subcommand, as help shows it and the parser reads it. */
export interface Command {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly usage: string;
  /** One clause, for the list of commands. */
  readonly summary: string;
  /** Paragraphs and examples below the flags. */
  readonly more: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** How many arguments it takes besides flags. */
  readonly positionals: { readonly min: number; readonly max: number; readonly what: string };
}

/** Parsed are the arguments of one call, checked against the command. */
export interface Parsed {
  readonly help: boolean;
  readonly positionals: readonly string[];
  /** The last one if a flag is given more than once. */
  value(flag: string): string | undefined;
  /** All values of a flag that may be given more than once; `a,b` is two. */
  values(flag: string): readonly string[];
  has(flag: string): boolean;
}

/** UsageError describes what is wrong with the arguments, with the nearest valid alternative. */
export class UsageError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** usageErrorOf makes a UsageError of an error: its message after `what`. */
export function usageErrorOf(error: unknown, what = ''): UsageError {
  return new UsageError(`${what}${messageOf(error)}`);
}

/** parseCommand reads the arguments after a command's name. Throws UsageError. */
export function parseCommand(command: Command, args: readonly string[]): Parsed {
  const flags: Readonly<Record<string, Flag>> = { ...command.flags, help: { short: 'h', help: 'show this help' } };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value, short }]) => {
      return [
        name,
        { type: value === undefined ? 'boolean' : 'string', ...(short === undefined ? {} : { short }) } as const,
      ];
    }),
  );
  const { tokens, positionals } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, readonly string[]>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (flag === undefined) throw new UsageError(unknownFlag(token.rawName, token.name, command, Object.keys(flags)));
    values.set(token.name, [...(values.get(token.name) ?? []), checked(token.rawName, flag, token.value)]);
  }
  const help = values.has('help');
  if (!help) checkPositionals(command, positionals);
  return {
    help,
    positionals,
    value: (flag) => values.get(flag)?.at(-1),
    values: (flag) => (values.get(flag) ?? []).flatMap((value) => value.split(',')).filter(Boolean),
    has: (flag) => values.has(flag),
  };
}

function unknownFlag(raw: string, name: string, command: Command, known: readonly string[]): string {
  return `unknown flag ${raw}; ${didYouMean(name, known, `netpol-guard ${command.name} --help lists them`, '--')}`;
}

function checked(raw: string, { value: wanted, choices }: Flag, given: string | undefined): string {
  if (wanted === undefined) {
    if (given !== undefined) throw new UsageError(`${raw} takes no value`);
    return '';
  }
  if (given === undefined || given === '') throw new UsageError(`${raw} needs a value: ${raw} ${wanted}`);
  if (choices !== undefined && !choices.includes(given)) {
    const near = nearest(given, choices);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    throw new UsageError(`${raw}: "${given}" is not one of ${choices.join(', ')}${hint}`);
  }
  return given;
}

function checkPositionals({ name, positionals: { min, max, what } }: Command, given: readonly string[]): void {
  if (given.length < min) throw new UsageError(`${name} needs ${what}; netpol-guard ${name} --help shows how`);
  const extra = given[max];
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument "${extra}"; ${name} takes ${max === 0 ? 'only flags' : what}`);
  }
}

/** helpOf prints the help of one command. */
export function helpOf({ name, usage, summary, more, flags }: Command): string {
  const all: readonly (readonly [string, Flag])[] = [
    ...Object.entries(flags),
    ['help', { short: 'h', help: 'show this help' }],
  ];
  const rows = all.map(([flag, { value, short, choices, help }]) => {
    const argument = choices?.join('|') ?? value;
    const spelt = `${short === undefined ? '    ' : `-${short}, `}--${flag}${argument === undefined ? '' : ` ${argument}`}`;
    return [spelt, help] as const;
  });
  const width = Math.max(...rows.map(([spelt]) => spelt.length));
  const table = rows.map(([spelt, help]) => `  ${spelt.padEnd(width)}  ${help}`).join('\n');
  return `netpol-guard ${name}: ${summary}\n\nUsage: netpol-guard ${[name, usage].join(' ').trim()}\n\nFlags:\n${table}\n${more === '' ? '' : `\n${more.trim()}\n`}`;
}
