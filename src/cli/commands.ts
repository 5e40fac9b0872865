import { didYouMean } from '../objects/did-you-mean.ts';
import { ADMISSION_POLICIES, BASELINE, CLEANUP, SCAN, SERVE } from './cluster-commands.ts';
import { type Command, UsageError } from './command.ts';
import { CONFIG_CHECK, EXPLAIN, FIX, LINT, VERSION } from './file-commands.ts';

/** COMMANDS are all commands, in the order of the list that help shows. */
export const COMMANDS: readonly Command[] = [
  SERVE,
  LINT,
  FIX,
  SCAN,
  BASELINE,
  CLEANUP,
  CONFIG_CHECK,
  ADMISSION_POLICIES,
  EXPLAIN,
  VERSION,
];

/** commandOf returns the command that arguments begin with, and the arguments after its name. Throws UsageError. */
export function commandOf(args: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  const [name = '', second = ''] = args;
  const known = name === '--version' ? VERSION : COMMANDS.find((command) => command.name === name);
  if (known !== undefined) return { command: known, rest: args.slice(1) };
  const two = `${name} ${second}`;
  const command = COMMANDS.find((candidate) => candidate.name === two);
  if (command !== undefined) return { command, rest: args.slice(2) };
  const family = COMMANDS.filter((candidate) => candidate.name.startsWith(`${name} `));
  if (family[0] !== undefined && /^--?\w/.test(second)) return { command: family[0], rest: args.slice(1) };
  // One of the two words of a name is misspelt, or the second one is missing.
  const meant = family.length > 0 ? two.trim() : name;
  const names = COMMANDS.map((candidate) => candidate.name);
  throw new UsageError(`unknown command "${meant}"; ${didYouMean(meant, names, 'netpol-guard --help lists all')}`);
}

/** helpOfAll prints the list of commands. */
export function helpOfAll(): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const rows = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`).join('\n');
  return `netpol-guard keeps DNS right under zero-trust network policies.\n\nUsage: netpol-guard COMMAND [flags]\n\nCommands:\n${rows}\n\nRun netpol-guard COMMAND --help for the flags of a command.\n`;
}
