import { describe, expect, it } from 'vitest';
import { ServerTime } from '../../../../src/cluster/api/server-time.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

function timeOf() {
  const lines: unknown[] = [];
  const log = (fields: object) => void lines.push(fields);
  return { lines, time: new ServerTime(() => NOW, { warn: log, info: log }) };
}

describe("the API server's time", () => {
  it('is our own where they agree to some seconds', () => {
    const { time, lines } = timeOf();
    expect(time.now()).toBe(NOW);
    time.heard(NOW - 4000);
    expect(time.now()).toBe(NOW);
    expect(lines).toEqual([]);
  });

  it('is what it says where they do not, and that is told once, and once again when it is over', () => {
    const { time, lines } = timeOf();
    time.heard(NOW + 3_600_000);
    time.heard(NOW + 3_601_000);
    expect(time.now()).toBe(NOW + 3_601_000);
    time.heard(NOW - 30_000);
    expect(time.now()).toBe(NOW - 30_000);
    expect(lines).toEqual([{ seconds: 3600 }, { seconds: -30 }]);
  });
});
