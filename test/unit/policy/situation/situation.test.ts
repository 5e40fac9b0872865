import { describe, expect, it } from 'vitest';
import { offlineSnapshot } from '../../../../src/policy/offline-snapshot.ts';
import { situationOf } from '../../../../src/policy/situation/situation.ts';
import { deny, SETTINGS } from '../fixtures.ts';

const CHANGE = { operation: 'CREATE', namespace: 'shop', after: deny() } as const;
const EMPTY = { namespaces: [], policies: [], otherPolicies: [] };

describe('what a situation knows of the DNS servers', () => {
  it('is the same object while they and the settings stay, so that what was found of policies stays too', () => {
    const snapshot = offlineSnapshot(EMPTY, SETTINGS);
    const [one, other] = [situationOf(CHANGE, snapshot, SETTINGS), situationOf(CHANGE, { ...snapshot }, SETTINGS)];
    expect(other.reaches).toBe(one.reaches);
    expect(other.vocabulary).toBe(one.vocabulary);
  });

  it('follows the ports of the settings', () => {
    const snapshot = offlineSnapshot(EMPTY, SETTINGS);
    const settings = { ...SETTINGS, dns: { ...SETTINGS.dns, ports: [5454] } };
    expect(situationOf(CHANGE, snapshot, SETTINGS).vocabulary.numbers.has(5454)).toBe(false);
    expect(situationOf(CHANGE, snapshot, settings).vocabulary.numbers.has(5454)).toBe(true);
  });
});
