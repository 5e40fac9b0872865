import type { ExitCode, Io } from '../cli/io.ts';
import type { GuardConfiguration } from '../config/configuration.ts';
import { compileConfiguration, problemsOf, readConfigurationBytes, readConfigurationFile } from '../config/load.ts';
import { noteworthy } from '../config/noteworthy.ts';
import { ConfigurationError, problemLine } from '../config/problem.ts';
import { readYaml, type YamlValue } from '../config/read-yaml.ts';
import { field, isObject } from '../objects/fields.ts';
import { printableLines } from '../objects/printable.ts';

const KEY = 'config.yaml';

/**
 * configCheck prints every problem of a configuration file, or that it is valid and what in it may be unintended; `-`
 * is standard input, and a ConfigMap that contains one is accepted. Throws ConfigurationError if it cannot be read.
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
    const { yaml, name } = configurationIn(text, source);
    const { configuration } = compileConfiguration(yaml, name);
    const notes = problemsOf(noteworthy(configuration, now), yaml);
    const lines = notes.map((note) => problemLine(name, note));
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

/** A ConfigMap, as the chart renders one and kubectl prints it, holds the file under the name by which pods see it. */
function configurationIn(text: string, source: string): { readonly yaml: YamlValue; readonly name: string } {
  const yaml = readYaml(text, source);
  if (!isObject(yaml.value) || field(yaml.value, 'kind') !== 'ConfigMap') return { yaml, name: source };
  const data = field(yaml.value, 'data');
  const inner = isObject(data) ? field(data, KEY) : undefined;
  if (typeof inner !== 'string') {
    throw new ConfigurationError(source, [{ path: 'data', message: `has no ${KEY}, which is the configuration` }]);
  }
  const name = `${source} (${KEY})`;
  return { yaml: readYaml(inner, name), name };
}

function inShort({ enforce, warn, audit, baseline, gate }: GuardConfiguration): string {
  const levels = `enforce ${enforce}, warn ${warn}, audit ${audit}, baseline ${baseline.template}`;
  return baseline.template === 'none' || gate.enabled ? levels : `${levels} without gate`;
}
