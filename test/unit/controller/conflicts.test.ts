import { describe, expect, test } from 'vitest';
import { Conflicts } from '../../../src/controller/conflicts.ts';

/** Somebody undoes each heal at once; returns the times of the heals. */
function healAsSoonAsAllowed(conflicts: Conflicts, from: number, until: number, namespace = 'shop'): number[] {
  const times: number[] = [];
  for (let now = from; now < until; now += 10) {
    if (conflicts.pauseMs(namespace, now) > 0) continue;
    conflicts.healed(namespace, now);
    times.push(now);
  }
  return times;
}

describe('heals', () => {
  test('of a few mistakes come at once', () => {
    const conflicts = new Conflicts();
    for (let i = 0; i < 4; i += 1) {
      expect(conflicts.pauseMs('shop', i)).toBe(0);
      expect(conflicts.healed('shop', i)).toBe(false);
    }
    expect(conflicts.pauseMs('shop', 4)).toBe(0);
  });

  test('become a conflict once', () => {
    const conflicts = new Conflicts();
    const began = Array.from({ length: 20 }, (_, i) => conflicts.healed('shop', i * 1000));
    expect(began.filter(Boolean)).toHaveLength(1);
    expect(began.indexOf(true)).toBe(4);
  });

  test('that come once a minute for hours are one conflict', () => {
    const conflicts = new Conflicts();
    const began = Array.from({ length: 300 }, (_, i) => conflicts.healed('shop', i * 60_000));
    expect(began.filter(Boolean)).toHaveLength(1);
  });

  test('in a conflict come ever later, but at the latest after 30 s', () => {
    const times = healAsSoonAsAllowed(new Conflicts(), 0, 10 * 60_000);
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses.slice(4, 9)).toEqual([250, 500, 1000, 2000, 4000]);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
  });

  test('are never given up, and never a hot loop', () => {
    const times = healAsSoonAsAllowed(new Conflicts(), 0, 60 * 60_000);
    const inTheLastTenMinutes = times.filter((time) => time > 50 * 60_000);
    expect(inTheLastTenMinutes.length).toBeGreaterThan(10);
    expect(inTheLastTenMinutes.length).toBeLessThan(60);
  });

  test('come at once again when it has been quiet', () => {
    const conflicts = new Conflicts();
    healAsSoonAsAllowed(conflicts, 0, 60_000);
    expect(conflicts.pauseMs('shop', 60_000)).toBeGreaterThan(0);
    expect(conflicts.pauseMs('shop', 60_000 + 5 * 60_000)).toBe(0);
    expect(Array.from({ length: 5 }, (_, i) => conflicts.healed('shop', 400_000 + i)).indexOf(true)).toBe(4);
  });

  test("of one namespace are no other one's", () => {
    const conflicts = new Conflicts();
    healAsSoonAsAllowed(conflicts, 0, 60_000);
    expect(conflicts.pauseMs('web', 60_000)).toBe(0);
  });

  test('of a namespace that is gone are forgotten', () => {
    const conflicts = new Conflicts();
    healAsSoonAsAllowed(conflicts, 0, 60_000);
    conflicts.forget('shop');
    expect(conflicts.pauseMs('shop', 60_000)).toBe(0);
  });
});
