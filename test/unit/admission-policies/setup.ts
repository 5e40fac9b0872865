import { type PolicyObject, policyObjects, type Rendering } from '../../../src/admission-policies/objects.ts';
import type { Choices, Identity } from '../../../src/admission-policies/parameters.ts';
import { readConfiguration } from '../../../src/config/load.ts';
import type { Settings } from '../../../src/policy/model/settings.ts';

export const OWN: Identity = { namespace: 'netpol-guard', serviceAccount: 'netpol-guard' };

export const CHOICES: Choices = { creators: [], failsClosed: true };

/** settingsOf compiles a configuration, which is JSON here. */
export function settingsOf(configuration: object = {}): Settings {
  return readConfiguration(JSON.stringify(configuration), 'the configuration', { own: OWN }).settings;
}

/** rendered renders the policies of a configuration. */
export function rendered(configuration: object = {}, more: Partial<Rendering> = {}): readonly PolicyObject[] {
  const usual: Rendering = { ...CHOICES, own: OWN, enforcement: 'enforce', isStatic: false };
  return policyObjects(settingsOf(configuration), { ...usual, ...more });
}
