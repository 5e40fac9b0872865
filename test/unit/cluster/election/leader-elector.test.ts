import { describe, expect, test } from 'vitest';
import { LeaderElector } from '../../../../src/cluster/election/leader-elector.ts';
import { VirtualProcess, VirtualTime } from '../../../harness/virtual-time.ts';
import { onEnd, TestLogger } from '../world.ts';
import { FakeLease } from './fake-lease.ts';

/** Candidate is a replica: a process, its elector, and what it did. */
interface Candidate {
  readonly process: VirtualProcess;
  readonly elector: LeaderElector;
  readonly logger: TestLogger;
  readonly changes: boolean[];
  /** How many terms it began, and how many of them have ended, with their work. */
  begun: number;
  ended: number;
  /** Of the last term. */
  signal: AbortSignal | undefined;
}

class Election {
  readonly time = new VirtualTime();
  readonly lease = new FakeLease(this.time);
  private joined = 0;

  /** Work goes on for `lingerMs` after its signal. */
  join(identity: string, { rate = 1, epoch = 1_800_000_000_000, lingerMs = 0 } = {}): Candidate {
    this.joined += 1;
    const random = () => this.joined / 100;
    const process = new VirtualProcess(this.time, { rate, epoch, random });
    const logger = new TestLogger();
    const changes: boolean[] = [];
    const elector = new LeaderElector({
      client: this.lease.clientOf(process),
      namespace: 'guard',
      name: 'netpol-guard',
      identity,
      clock: process,
      logger,
      lead: async (signal) => {
        candidate.begun += 1;
        candidate.signal = signal;
        await process.sleep(1e9, signal);
        await process.sleep(lingerMs, new AbortController().signal);
        candidate.ended += 1;
      },
      onChange: (isLeader) => changes.push(isLeader),
    });
    const candidate: Candidate = { process, elector, logger, changes, begun: 0, ended: 0, signal: undefined };
    onEnd(async () => {
      await process.go();
      const stopped = elector.stop();
      await this.time.advance(60_000);
      await stopped;
    });
    return candidate;
  }

  get holder(): string {
    const { holderIdentity } = this.lease.spec;
    return typeof holderIdentity === 'string' ? holderIdentity.replace(/_.*/, '') : '';
  }
}

const LOST = { there: 0, back: 0, lost: 'there' } as const;

describe('a leader', () => {
  test('is who finds the Lease empty, at once', async () => {
    const election = new Election();
    const one = election.join('one');
    expect(one.elector.isLeader).toBe(false);
    expect(() => one.elector.assertCertain()).toThrow('not the leader');
    await election.time.advance(10);
    expect(one.elector.isLeader).toBe(true);
    expect(() => one.elector.assertCertain()).not.toThrow();
    expect(one.changes).toEqual([true]);
    expect(election.lease.spec).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 1 });
    expect(election.lease.log).toEqual(['get netpol-guard', 'update netpol-guard']);
  });

  test('renews every two seconds, by one request each', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(10);
    const { acquireTime, renewTime } = election.lease.spec;
    election.lease.log.length = 0;
    await election.time.advance(60_000);
    expect(election.lease.log.length).toBeGreaterThanOrEqual(29);
    expect(new Set(election.lease.log)).toEqual(new Set(['update netpol-guard']));
    expect(election.lease.spec).toMatchObject({ acquireTime, leaseTransitions: 1 });
    expect(election.lease.spec['renewTime']).not.toBe(renewTime);
    expect([one.begun, one.elector.isLeader]).toEqual([1, true]);
  });

  test('has a name of its own, also where two processes are called the same', async () => {
    const election = new Election();
    const both = [election.join('same'), election.join('same')];
    await election.time.advance(60_000);
    expect(both.filter((candidate) => candidate.elector.isLeader)).toHaveLength(1);
  });

  test('is one of two that come at once, and the other one finds nothing wrong', async () => {
    const election = new Election();
    const both = [election.join('one'), election.join('two')];
    await election.time.advance(10);
    expect(election.lease.log.filter((line) => line.startsWith('update'))).toHaveLength(2);
    expect(both.filter((candidate) => candidate.elector.isLeader)).toHaveLength(1);
    expect(both.flatMap((candidate) => candidate.logger.messages())).toEqual(['started leading']);
  });

  test('has its work logged where it fails or ends, gives the Lease up, and takes it again later', async () => {
    const election = new Election();
    const process = new VirtualProcess(election.time);
    const logger = new TestLogger();
    let terms = 0;
    const elector = new LeaderElector({
      client: election.lease.clientOf(process),
      namespace: 'guard',
      name: 'netpol-guard',
      identity: 'one',
      clock: process,
      logger,
      lead: () => {
        terms += 1;
        return terms === 1 ? Promise.reject(new Error('out of luck')) : Promise.resolve();
      },
    });
    await election.time.advance(1000);
    expect(election.holder).toBe('');
    expect(elector.isLeader).toBe(false);
    expect(logger.lines.filter((line) => line.level === 'error').map((line) => line.message)).toEqual([
      'leading failed',
    ]);
    await election.time.advance(9000);
    expect(terms).toBeGreaterThan(2);
    const stopped = elector.stop();
    await election.time.advance(1000);
    await stopped;
  });
});

describe('a leader that is cut off', () => {
  test('steps down when the last renewal that it knows of is ten seconds old, and comes back', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(3000);
    const renewedAt = Date.parse(String(election.lease.spec['renewTime'])) - one.process.epoch;
    expect(renewedAt).toBeGreaterThan(2000);
    election.lease.trip = () => LOST;
    await election.time.advance(renewedAt + 10_000 - 1 - election.time.now);
    expect([one.elector.isLeader, one.signal?.aborted]).toEqual([true, false]);
    await election.time.advance(2);
    expect([one.elector.isLeader, one.signal?.aborted, one.ended]).toEqual([false, true, 1]);
    expect(String(one.signal?.reason)).toBe('NotLeading: no longer the leader: not renewed for 10000 ms');
    expect(one.changes).toEqual([true, false]);

    election.lease.trip = () => ({ there: 1, back: 1 });
    await election.time.advance(15_000);
    expect([one.elector.isLeader, one.begun]).toEqual([true, 2]);
  });

  test.each([500, 403])(
    'stays the leader through answers of %i for less than that, and logs them once',
    async (refusal) => {
      const election = new Election();
      const one = election.join('one');
      await election.time.advance(2500);
      election.lease.trip = () => ({ there: 1, back: 1, refusal });
      await election.time.advance(7000);
      election.lease.trip = () => ({ there: 1, back: 1 });
      await election.time.advance(30_000);
      expect([one.elector.isLeader, one.begun]).toEqual([true, 1]);
      const warnings = one.logger.lines.filter((line) => line.level === 'warn');
      expect(warnings.map((line) => line.message)).toEqual(['cannot read or write the Lease, retrying']);
    },
  );

  test('gets over one connection that is dead', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(1000);
    const trips = [LOST];
    election.lease.trip = () => trips.shift() ?? { there: 1, back: 1 };
    await election.time.advance(60_000);
    expect([one.elector.isLeader, one.begun]).toEqual([true, 1]);
  });

  test('knows its own renewals again whose answers were lost', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(1000);
    const trips = [{ there: 1, back: 1, lost: 'back' } as const];
    election.lease.trip = () => trips.shift() ?? { there: 1, back: 1 };
    await election.time.advance(60_000);
    expect([one.elector.isLeader, one.begun]).toEqual([true, 1]);
    expect(election.lease.spec).toMatchObject({ leaseTransitions: 1 });
  });

  test('begins no new term before the work of the last one has ended', async () => {
    const election = new Election();
    const one = election.join('one', { lingerMs: 30_000 });
    await election.time.advance(1000);
    election.lease.trip = () => LOST;
    await election.time.advance(12_000);
    election.lease.trip = () => ({ there: 1, back: 1 });
    await election.time.advance(20_000);
    expect([one.begun, one.ended]).toEqual([1, 0]);
    await election.time.advance(20_000);
    expect([one.begun, one.ended]).toEqual([2, 1]);
  });
});

describe('another one', () => {
  test('leaves a Lease alone that is renewed, whatever its times say', async () => {
    const election = new Election();
    const one = election.join('one', { epoch: 0 });
    await election.time.advance(10);
    const two = election.join('two', { epoch: 4_000_000_000_000 });
    const three = election.join('three', { epoch: 1_000_000_000_000 });
    await election.time.advance(10 * 60_000);
    expect([one.begun, two.begun, three.begun]).toEqual([1, 0, 0]);
    expect(election.lease.spec['renewTime']).toMatch(/^1970-01-01T00:(09|10):/);
  });

  test('takes a Lease over that was not renewed for fifteen seconds by its own clock, not sooner', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(10);
    const two = election.join('two');
    await election.time.advance(10_000);
    const renewTime = election.lease.spec['renewTime'];
    one.process.stop();
    const stoppedAt = election.time.now;
    while (two.begun === 0) await election.time.advance(100);
    const waited = election.time.now - stoppedAt;
    expect(waited).toBeGreaterThan(13_000);
    expect(waited).toBeLessThan(15_000 + 2 * 4400);
    expect(renewTime).not.toBe(election.lease.spec['renewTime']);
    expect(election.lease.spec).toMatchObject({ leaseTransitions: 2 });
  });

  test('waits in full where it finds a Lease that its holder left behind', async () => {
    const election = new Election();
    election.lease.put({
      spec: { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime: '2001-01-01T00:00:00.000000Z' },
    });
    const two = election.join('two');
    await election.time.advance(14_900);
    expect(two.begun).toBe(0);
    await election.time.advance(4600);
    expect(two.begun).toBe(1);
  });

  test('goes by the duration that the holder wrote', async () => {
    const election = new Election();
    election.lease.put({ spec: { holderIdentity: 'gone', leaseDurationSeconds: 60 } });
    const two = election.join('two');
    await election.time.advance(59_000);
    expect(two.begun).toBe(0);
    await election.time.advance(6000);
    expect(two.begun).toBe(1);
  });

  test('that takes the Lease by force ends the term as soon as it is seen', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(1000);
    election.lease.put({ spec: { holderIdentity: 'usurper', leaseDurationSeconds: 15 } });
    await election.time.advance(2000);
    expect(one.elector.isLeader).toBe(false);
    expect(String(one.signal?.reason)).toContain('usurper holds the Lease');
    expect(election.lease.spec['holderIdentity']).toBe('usurper');
  });
});

describe('a Lease', () => {
  test('that is missing is logged once with what to do, never created, and waited for', async () => {
    const election = new Election();
    election.lease.lease = undefined;
    const one = election.join('one');
    await election.time.advance(60_000);
    expect(one.logger.lines).toMatchObject([
      {
        level: 'warn',
        fields: { namespace: 'guard', lease: 'netpol-guard' },
        message: 'Lease not found, so no replica can lead; install the chart again or create an empty Lease',
      },
    ]);
    expect(new Set(election.lease.log)).toEqual(new Set(['get netpol-guard']));
    election.lease.put({});
    await election.time.advance(5000);
    expect(one.elector.isLeader).toBe(true);
  });

  test('that is deleted and made anew under its leader begins a new term', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(1000);
    election.lease.put({});
    await election.time.advance(10_000);
    expect([one.begun, one.elector.isLeader]).toEqual([2, true]);
    election.lease.lease = undefined;
    await election.time.advance(12_000);
    expect(one.elector.isLeader).toBe(false);
  });

  test('that cannot be read is no reason to crash', async () => {
    const election = new Election();
    election.lease.put({ spec: 'x' });
    const one = election.join('one');
    await election.time.advance(10_000);
    expect(one.logger.messages()).toEqual(['cannot read or write the Lease, retrying']);
    election.lease.put({});
    await election.time.advance(5000);
    expect(one.elector.isLeader).toBe(true);
  });
});

describe('stop', () => {
  test('waits for the work to end, and then gives the Lease up for another one to take at its next look', async () => {
    const election = new Election();
    const one = election.join('one', { lingerMs: 3000 });
    await election.time.advance(10);
    const two = election.join('two');
    await election.time.advance(10_000);
    const stopped = one.elector.stop();
    expect([one.elector.isLeader, one.signal?.aborted]).toEqual([false, true]);
    await election.time.advance(2900);
    expect([election.holder, one.ended]).toEqual(['one', 0]);
    await election.time.advance(150);
    expect([election.holder, one.ended]).toEqual(['', 1]);
    expect(election.lease.spec).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 1 });
    await stopped;
    await election.time.advance(4500);
    expect(two.elector.isLeader).toBe(true);
  });

  test('of one that waits changes nothing, and ends at once', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(10);
    const two = election.join('two');
    await election.time.advance(1000);
    await two.elector.stop();
    expect([election.holder, two.begun]).toEqual(['one', 0]);
    expect(two.logger.lines).toEqual([]);
    expect(one.elector.isLeader).toBe(true);
  });

  test('gives up what was acquired by a request whose answer nobody waited for', async () => {
    const election = new Election();
    election.lease.trip = () => ({ there: 100, back: 100 });
    const one = election.join('one');
    await election.time.advance(350);
    expect(election.holder).toBe('one');
    const stopped = one.elector.stop();
    await election.time.advance(1000);
    await stopped;
    expect([election.holder, one.begun]).toEqual(['', 0]);
  });

  test('ends also where the API server is gone', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(10);
    election.lease.trip = () => LOST;
    const stopped = one.elector.stop();
    await election.time.advance(6000);
    await stopped;
    expect(one.ended).toBe(1);
  });
});

describe('a process that was stopped for a minute', () => {
  const stopAndGo = async (reversed: boolean, back = 1) => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(10);
    const two = election.join('two');
    await election.time.advance(3000);
    election.lease.trip = () => ({ there: 1, back });
    await election.time.advance(1010);
    one.process.stop();
    await election.time.advance(60_000);
    expect(two.elector.isLeader).toBe(true);
    return { election, one, two, go: () => one.process.go(reversed) };
  };

  test('knows before its timers fire that it leads no more', async () => {
    const { one } = await stopAndGo(false);
    expect(one.signal?.aborted).toBe(false);
    expect(() => one.elector.assertCertain()).toThrow('not the leader');
    expect(one.signal?.aborted).toBe(true);
    expect(one.changes).toEqual([true, false]);
  });

  test.each([
    ['timers come first', false],
    ['input comes first', true],
  ])('leaves the new leader alone, where %s', async (_, reversed) => {
    const { election, one, two, go } = await stopAndGo(reversed);
    await go();
    expect([one.elector.isLeader, one.signal?.aborted]).toEqual([false, true]);
    await election.time.advance(60_000);
    expect([election.holder, one.begun, two.begun]).toEqual(['two', 1, 1]);
  });

  test('is not fooled by a renewal whose answer waited for it', async () => {
    const { election, one, go } = await stopAndGo(true, 100);
    await go();
    expect([one.elector.isLeader, one.signal?.aborted, one.begun]).toEqual([false, true, 1]);
    await election.time.advance(30_000);
    expect(election.holder).toBe('two');
  });

  test('ends its term also where the renewal that it waited for was in time, since for a while nobody could know', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(1000);
    election.lease.trip = () => LOST;
    await election.time.advance(7000);
    election.lease.trip = () => ({ there: 1, back: 500 });
    await election.time.advance(1300);
    one.process.stop();
    await election.time.advance(3000);
    const renewedAt = Date.parse(String(election.lease.spec['renewTime'])) - 1_800_000_000_000;
    expect(renewedAt).toBeGreaterThan(8900);
    await one.process.go();
    expect([one.signal?.aborted, one.begun]).toEqual([true, 1]);
  });

  test('begins anew where it is alone', async () => {
    const election = new Election();
    const one = election.join('one');
    await election.time.advance(3000);
    one.process.stop();
    await election.time.advance(60_000);
    await one.process.go(true);
    await election.time.advance(10_000);
    expect([one.begun, one.ended, one.elector.isLeader]).toEqual([2, 1, true]);
  });

  test('does not begin a term that it acquired before', async () => {
    const election = new Election();
    election.lease.trip = () => ({ there: 10, back: 100 });
    const one = election.join('one');
    await election.time.advance(150);
    one.process.stop();
    await election.time.advance(60_000);
    await one.process.go(true);
    expect(one.begun).toBe(0);
  });
});

test('a machine that was suspended is known by its clock of the day, since the other one stood still', async () => {
  const election = new Election();
  const one = election.join('one');
  await election.time.advance(1000);
  one.process.epoch += 60_000;
  expect(one.elector.isLeader).toBe(false);
  expect(one.signal?.aborted).toBe(true);
});

test('a clock of the day that is set back ends no term', async () => {
  const election = new Election();
  const one = election.join('one');
  await election.time.advance(1000);
  one.process.epoch -= 3_600_000;
  await election.time.advance(60_000);
  expect([one.elector.isLeader, one.begun]).toEqual([true, 1]);
});
