import { describe, expect, test } from 'vitest';
import { Fights } from '../../../src/controller/conflicts.ts';

/** Somebody undoes each heal at once; returns the times of the heals. */
function healAsSoonAsAllowed(fights: Fights, from: number, until: number, namespace = 'shop'): number[] {
  const times: number[] = [];
  for (let now = from; now < until; now += 10) {
    if (fights.pauseMs(namespace, now) > 0) continue;
    fights.healed(namespace, now);
    times.push(now);
  }
  return times;
}

describe('heals', () => {
  test('of a few mistakes come at once', () => {
    const fights = new Fights();
    for (let i = 0; i < 4; i += 1) {
      expect(fights.pauseMs('shop', i)).toBe(0);
      expect(fights.healed('shop', i)).toBe(false);
    }
    expect(fights.pauseMs('shop', 4)).toBe(0);
  });

  test('become a fight once', () => {
    const fights = new Fights();
    const began = Array.from({ length: 20 }, (_, i) => fights.healed('shop', i * 1000));
    expect(began.filter(Boolean)).toHaveLength(1);
    expect(began.indexOf(true)).toBe(4);
  });

  test('that come once a minute for hours are one fight', () => {
    const fights = new Fights();
    const began = Array.from({ length: 300 }, (_, i) => fights.healed('shop', i * 60_000));
    expect(began.filter(Boolean)).toHaveLength(1);
  });

  test('in a fight come ever later, but at the latest after 30 s', () => {
    const times = healAsSoonAsAllowed(new Fights(), 0, 10 * 60_000);
    const pauses = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(pauses.slice(4, 9)).toEqual([250, 500, 1000, 2000, 4000]);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
  });

  test('are never given up, and never a hot loop', () => {
    const times = healAsSoonAsAllowed(new Fights(), 0, 60 * 60_000);
    const inTheLastTenMinutes = times.filter((time) => time > 50 * 60_000);
    expect(inTheLastTenMinutes.length).toBeGreaterThan(10);
    expect(inTheLastTenMinutes.length).toBeLessThan(60);
  });

  test('come at once again when it has been quiet', () => {
    const fights = new Fights();
    healAsSoonAsAllowed(fights, 0, 60_000);
    expect(fights.pauseMs('shop', 60_000)).toBeGreaterThan(0);
    expect(fights.pauseMs('shop', 60_000 + 5 * 60_000)).toBe(0);
    expect(Array.from({ length: 5 }, (_, i) => fights.healed('shop', 400_000 + i)).indexOf(true)).toBe(4);
  });

  test("of one namespace are no other one's", () => {
    const fights = new Fights();
    healAsSoonAsAllowed(fights, 0, 60_000);
    expect(fights.pauseMs('web', 60_000)).toBe(0);
  });

  test('of a namespace that is gone are forgotten', () => {
    const fights = new Fights();
    healAsSoonAsAllowed(fights, 0, 60_000);
    fights.forget('shop');
    expect(fights.pauseMs('shop', 60_000)).toBe(0);
  });
});
