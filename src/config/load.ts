import { createReadStream } from 'node:fs';
import { readFailure } from '../objects/read-failure.ts';
import type { Settings } from '../policy/model/settings.ts';
import { compileSettings, type OwnIdentity } from './compile.ts';
import type { GuardConfiguration } from './configuration.ts';
import { crossCheck } from './cross-check.ts';
import { ConfigurationError, type ConfigurationProblem, type Fault } from './problem.ts';
import { readYaml, type YamlValue } from './read-yaml.ts';
import { templateFaults } from './templates.ts';
import { compileTls, type TlsSettings, tlsFaults } from './tls.ts';
import { defaultConfiguration, validate } from './validate.ts';

/** LoadedConfiguration is a configuration in force. */
export interface LoadedConfiguration {
  readonly configuration: GuardConfiguration;
  readonly settings: Settings;
  readonly tls: TlsSettings;
}

/** LoadOptions is what a configuration file cannot know. */
export interface LoadOptions {
  /** Where netpol-guard runs, and as whom; absent outside a cluster. */
  readonly own?: OwnIdentity | undefined;
}

/** A ConfigMap holds no more than 1 MiB (k8s.io/api/core/v1, ConfigMap.data). */
const MAX_BYTES = 1024 * 1024;

/**
 * loadConfiguration reads, checks and compiles a configuration file; undefined gives the defaults.
 * Throws ConfigurationError, with every problem at once.
 */
export async function loadConfiguration(
  file: string | undefined,
  options: LoadOptions = {},
): Promise<LoadedConfiguration> {
  if (file === undefined) return defaults(options);
  return readConfiguration(await readConfigurationFile(file), file, options);
}

function defaults({ own }: LoadOptions): LoadedConfiguration {
  const configuration = defaultConfiguration();
  return {
    configuration: deepFreeze(configuration),
    settings: compileSettings(configuration, own),
    tls: compileTls(configuration.tls),
  };
}

/** readConfiguration checks and compiles a configuration's text; `source` is its name in errors. */
export function readConfiguration(text: string, source: string, options: LoadOptions = {}): LoadedConfiguration {
  return compileConfiguration(readYaml(text, source), source, options);
}

/** readConfigurationFile returns the text of a file of at most 1 MiB. Throws ConfigurationError. */
export function readConfigurationFile(file: string): Promise<string> {
  return readConfigurationBytes(createReadStream(file, { end: MAX_BYTES }), file);
}

/** readConfigurationBytes returns the text of a stream of at most 1 MiB; `source` is its name in errors. Throws ConfigurationError. */
export async function readConfigurationBytes(chunks: AsyncIterable<Uint8Array>, source: string): Promise<string> {
  const read: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunks) {
      read.push(chunk);
      size += chunk.length;
      if (size > MAX_BYTES) break;
    }
  } catch (error) {
    throw wholeFile(source, readFailure(error));
  }
  if (size > MAX_BYTES) throw wholeFile(source, 'is larger than 1 MiB, which no ConfigMap is');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(read));
  } catch {
    throw wholeFile(source, 'is not UTF-8 text');
  }
}

/** compileConfiguration checks and compiles what a configuration's YAML says. Throws ConfigurationError. */
export function compileConfiguration(yaml: YamlValue, source: string, options: LoadOptions = {}): LoadedConfiguration {
  const { configuration, faults } = validate(yaml.value);
  if (configuration === undefined) throw located(source, faults, yaml);
  const broken = [...templateFaults(configuration.baseline.templates), ...tlsFaults(configuration.tls)];
  if (broken.length > 0) throw located(source, broken, yaml);
  const settings = compileSettings(configuration, options.own);
  const contradictions = crossCheck(configuration, settings);
  if (contradictions.length > 0) throw located(source, contradictions, yaml);
  return { configuration: deepFreeze(configuration), settings, tls: compileTls(configuration.tls) };
}

/** Only the shown faults are looked up in the text; a file may have too many for that. */
const LOCATED = 100;

const LAST = Number.MAX_SAFE_INTEGER;

/** problemsOf finds the places of faults in the text. */
export function problemsOf(faults: readonly Fault[], yaml: YamlValue): readonly ConfigurationProblem[] {
  return faults.map(({ segments, path, message }, i) => ({
    path,
    message,
    ...(i < LOCATED ? yaml.position(segments) : undefined),
  }));
}

function located(source: string, faults: readonly Fault[], yaml: YamlValue): ConfigurationError {
  const byPlace = problemsOf(faults, yaml).toSorted(
    (a, b) => (a.line ?? LAST) - (b.line ?? LAST) || (a.column ?? 0) - (b.column ?? 0),
  );
  return new ConfigurationError(source, byPlace);
}

function wholeFile(file: string, message: string): ConfigurationError {
  return new ConfigurationError(file, [{ path: '', message }]);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
