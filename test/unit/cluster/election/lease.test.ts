import { describe, expect, test } from 'vitest';
import { claimed, readLease, released } from '../../../../src/cluster/election/lease.ts';

const NOW = Date.parse('2026-11-21T12:00:00.250Z');
const LATER = NOW + 2000;
const EMPTY = { metadata: { name: 'netpol-guard', resourceVersion: '7', labels: { chart: 'x' } } };

describe('a Lease', () => {
  test('that was made empty is held by nobody', () => {
    expect(readLease(EMPTY)).toMatchObject({ holder: '', durationMs: undefined });
    expect(readLease({ ...EMPTY, spec: { holderIdentity: null } }).holder).toBe('');
  });

  test('that is claimed names holder, times and one transition more', () => {
    expect(claimed(EMPTY, 'one', 15_000, NOW)).toEqual({
      ...EMPTY,
      spec: {
        holderIdentity: 'one',
        leaseDurationSeconds: 15,
        acquireTime: '2026-11-21T12:00:00.250000Z',
        renewTime: '2026-11-21T12:00:00.250000Z',
        leaseTransitions: 1,
      },
    });
  });

  test('that is renewed keeps its acquisition and its transitions, and reads as another one', () => {
    const first = claimed(EMPTY, 'one', 15_000, NOW);
    const second = claimed(first, 'one', 15_000, LATER);
    expect(second['spec']).toMatchObject({ acquireTime: '2026-11-21T12:00:00.250000Z', leaseTransitions: 1 });
    expect(readLease(second).text).not.toBe(readLease(first).text);
    expect(readLease(second)).toMatchObject({ holder: 'one', durationMs: 15_000 });
  });

  test('that changes hands counts it', () => {
    const taken = claimed(claimed(EMPTY, 'one', 15_000, NOW), 'two', 15_000, LATER);
    expect(taken['spec']).toMatchObject({
      holderIdentity: 'two',
      acquireTime: '2026-11-21T12:00:02.250000Z',
      leaseTransitions: 2,
    });
  });

  test('that is released is held by nobody, for a second', () => {
    const given = released(claimed(EMPTY, 'one', 15_000, NOW), LATER);
    expect(given['spec']).toEqual({
      holderIdentity: '',
      leaseDurationSeconds: 1,
      acquireTime: '2026-11-21T12:00:02.250000Z',
      renewTime: '2026-11-21T12:00:02.250000Z',
      leaseTransitions: 1,
    });
  });

  test("keeps what others wrote: coordinated leader election's fields, and what nobody knows yet", () => {
    const others = { strategy: 'OldestEmulationVersion', preferredHolder: 'two', fromTheFuture: { a: 1 } };
    const lease = { ...EMPTY, spec: others };
    expect(claimed(lease, 'one', 15_000, NOW)).toMatchObject({ metadata: EMPTY.metadata, spec: others });
    expect(released(lease, NOW)).toMatchObject({ metadata: EMPTY.metadata, spec: others });
  });

  test.each([[{ spec: 'x' }], [{ spec: { holderIdentity: 7 } }]])('that is none is refused: %j', (lease) => {
    expect(() => readLease(lease)).toThrow();
  });
});
