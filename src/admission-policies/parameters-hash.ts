import { createHash } from 'node:crypto';
import { PARAMETERS, type Parameters } from './parameters.ts';

/** parametersHash is equal where the policies would be rendered alike; the chart computes the same. */
export function parametersHash(parameters: Parameters): string {
  const lines = PARAMETERS.map((name) => `${name}=${parameters[name]}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
