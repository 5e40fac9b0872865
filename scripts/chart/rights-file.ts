import { clusterRights, discoveryRights, ownRights } from '../release/rights.ts';
import { PLACEHOLDERS } from './placeholders.ts';

/** rightsFile is every right that netpol-guard has, as JSON with a placeholder: files/rights.json. */
export function rightsFile(): string {
  return JSON.stringify({
    cluster: clusterRights(),
    discovery: discoveryRights(),
    own: ownRights(PLACEHOLDERS.name),
  });
}
