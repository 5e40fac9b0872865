import { describe, expect, it } from 'vitest';
import { settingsHash } from '../../../../src/admission-policies/parameters-hash.ts';
import { createPoliciesDrift } from '../../../../src/commands/serve/policies-drift.ts';
import { OWN, settingsOf } from '../../admission-policies/setup.ts';

/** Looks once for each hash that the configuration says, and keeps what was told. */
function look(...hashes: readonly string[]): readonly string[] {
  const told: string[] = [];
  let renderedFrom = '';
  const again = createPoliciesDrift({
    settings: () => settingsOf({ enforce: 'strict' }),
    renderedFrom: () => renderedFrom,
    own: OWN,
    observe: (isOutdated) => told.push(`metric ${isOutdated}`),
    log: { info: (_, text) => told.push(`info: ${text}`), warn: (_, text) => told.push(`warn: ${text}`) },
    warn: (reason) => told.push(`event ${reason}`),
  });
  for (const hash of hashes) {
    renderedFrom = hash;
    again();
  }
  return told;
}

const RIGHT = settingsHash(settingsOf({ enforce: 'strict' }), OWN);
const OTHER = settingsHash(settingsOf(), OWN);

describe('policies that were rendered', () => {
  it('from this configuration are nothing to speak of, nor are those of which nobody says', () => {
    expect(look(RIGHT, '')).toEqual(['metric false', 'metric false']);
  });

  it('from another one are told: the log once, the leader each time, since it may be another by now', () => {
    expect(look(OTHER, OTHER, RIGHT, OTHER)).toEqual([
      'metric true',
      'event AdmissionPoliciesOutdated',
      expect.stringMatching(/^warn: .* do not match this configuration; run helm upgrade/),
      'metric true',
      'event AdmissionPoliciesOutdated',
      'metric false',
      'info: admission policies match the configuration again',
      'metric true',
      'event AdmissionPoliciesOutdated',
      expect.stringMatching(/^warn: /),
    ]);
  });
});
