import { createHash } from 'node:crypto';
import type { Settings } from '../policy/model/settings.ts';
import { FOLLOWED, type Identity, type Parameters, parametersOf } from './parameters.ts';

/**
 * parametersHash is equal if the policies rendered from a configuration would be equal; the chart computes the same.
 */
export function parametersHash(parameters: Parameters): string {
  const lines = FOLLOWED.map((name) => `${name}=${parameters[name]}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}

/** settingsHash is the hash of the policies that would be rendered from these settings. */
export function settingsHash(settings: Settings, own: Identity): string {
  return parametersHash(parametersOf(settings, own, { creators: [], failsClosed: true }));
}
