import type { ExitCode, Io } from '../cli/io.ts';
import type { GuardConfiguration } from '../config/configuration.ts';
import { compileConfiguration, problemsOf, readConfigurationBytes, readConfigurationFile } from '../config/load.ts';
import { noteworthy } from '../config/noteworthy.ts';
import { ConfigurationError, problemLine } from '../config/problem.ts';
import { readYaml } from '../config/read-yaml.ts';
import { printableLines } from '../objects/printable.ts';

/**
 * configCheck prints everything that is wrong with a configuration file, or that it is valid and what in it may not be
 * meant; `-` is standard input. Throws ConfigurationError where it cannot be read.
 */
export async function configCheck(path: string, io: Io): Promise<ExitCode> {
  const source = path === '-' ? '<stdin>' : path;
  const text = path === '-' ? await readConfigurationBytes(io.stdin(), source) : await readConfigurationFile(path);
  const { lines, isValid } = checkedText(text, source, io.clock.now());
  io.out(`${printableLines(lines.join('\n'))}\n`);
  return isValid ? 0 : 1;
}

function checkedText(text: string, source: string, now: number): { lines: readonly string[]; isValid: boolean } {
  try {
    const yaml = readYaml(text, source);
    const { configuration } = compileConfiguration(yaml, source);
    const notes = problemsOf(noteworthy(configuration, now), yaml);
    const lines = notes.map((note) => problemLine(source, note));
    return { lines: [`${source}: valid: ${inShort(configuration)}`, ...lines], isValid: true };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const count = error.problems.length;
    return {
      lines: [error.message, `${source}: invalid: ${count} ${count === 1 ? 'problem' : 'problems'}`],
      isValid: false,
    };
  }
}

function inShort({ enforce, warn, audit, baseline, gate }: GuardConfiguration): string {
  const levels = `enforce ${enforce}, warn ${warn}, audit ${audit}, baseline ${baseline.template}`;
  return baseline.template === 'none' || gate.enabled ? levels : `${levels} without gate`;
}
