import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../../src/cluster/api/api-error.ts';
import type { Client } from '../../../../src/cluster/api/client.ts';
import type { NamespaceEvent } from '../../../../src/cluster/writes/event-object.ts';
import { EventRecorder } from '../../../../src/cluster/writes/events.ts';
import type { Json } from '../../../../src/objects/fields.ts';
import { VirtualProcess, VirtualTime } from '../../../harness/virtual-time.ts';
import { onEnd, TestLogger } from '../world.ts';

interface Written {
  readonly verb: 'create' | 'patch';
  readonly namespace: string | undefined;
  readonly name: string;
  readonly object: Json;
  readonly at: number;
}

/** Recorded is a recorder in virtual time, and what it has written. */
class Recorded {
  readonly time = new VirtualTime();
  readonly written: Written[] = [];
  readonly logger = new TestLogger();
  readonly recorder: EventRecorder;
  /** Thrown instead of answering. */
  fault: (verb: 'create' | 'patch') => Error | undefined = () => undefined;

  constructor(instance = 'netpol-guard-0') {
    let count = 0;
    const process = new VirtualProcess(this.time, { random: () => (count += 1) / 10_000 });
    const client: Pick<Client, 'create' | 'patch'> = {
      create: async ({ namespace }, object) => {
        const { name } = object['metadata'] as { name: string };
        return this.take({ verb: 'create', namespace, name, object, at: this.time.now });
      },
      patch: async ({ namespace }, name, { body }) =>
        this.take({ verb: 'patch', namespace, name, object: body as Json, at: this.time.now }),
    };
    this.recorder = new EventRecorder({
      client,
      clock: process,
      component: 'netpol-guard',
      instance,
      logger: this.logger,
    });
    onEnd(() => this.recorder.stop());
  }

  private take(written: Written): Json {
    this.written.push(written);
    const fault = this.fault(written.verb);
    if (fault !== undefined) throw fault;
    return written.object;
  }
}

const EVENT: NamespaceEvent = {
  namespace: 'shop',
  uid: 'u-1',
  type: 'Warning',
  reason: 'BaselineConflict',
  message: 'a policy is changed again and again',
  action: 'Heal',
};

const refusal = (code: number, details: object = {}) => new ApiError('events', code, { details });

describe('an event', () => {
  test('is written into the namespace that it is about', async () => {
    const recorded = new Recorded();
    recorded.recorder.record(EVENT);
    await recorded.time.advance(1000);
    expect(recorded.written).toHaveLength(1);
    expect(recorded.written[0]).toMatchObject({ verb: 'create', namespace: 'shop' });
    expect(recorded.written[0]?.object).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: 'shop', name: expect.stringMatching(/^shop\.[0-9a-f]+$/) },
      involvedObject: { apiVersion: 'v1', kind: 'Namespace', name: 'shop', namespace: 'shop', uid: 'u-1' },
      type: 'Warning',
      reason: 'BaselineConflict',
      action: 'Heal',
      message: 'a policy is changed again and again',
      source: { component: 'netpol-guard' },
      reportingComponent: 'netpol-guard',
      reportingInstance: 'netpol-guard-0',
      firstTimestamp: '2027-01-15T08:00:00Z',
      lastTimestamp: '2027-01-15T08:00:00Z',
      count: 1,
    });
  });

  test('that comes again is counted on the same object, once a minute at most, with its last message', async () => {
    const recorded = new Recorded();
    for (let i = 1; i <= 120; i += 1) {
      recorded.recorder.record({ ...EVENT, message: `for the ${i}th time` });
      await recorded.time.advance(1000);
    }
    await recorded.time.advance(120_000);
    const [first, ...more] = recorded.written;
    expect(more.map(({ verb, name }) => [verb, name === first?.name])).toEqual([
      ['patch', true],
      ['patch', true],
    ]);
    expect(more.at(-1)?.object).toEqual({
      count: 120,
      message: 'for the 120th time',
      lastTimestamp: '2027-01-15T08:01:59Z',
    });
    expect((more[0]?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(60_000);
  });

  test('is one of its own for each reason, type, namespace, and Namespace of that name', async () => {
    const recorded = new Recorded();
    for (const other of [{}, { reason: 'Other' }, { type: 'Normal' as const }, { namespace: 'bank' }, { uid: 'u-2' }]) {
      recorded.recorder.record({ ...EVENT, ...other });
    }
    await recorded.time.advance(1000);
    expect(recorded.written.map(({ verb }) => verb)).toEqual(Array.from({ length: 5 }, () => 'create'));
    expect(new Set(recorded.written.map(({ name }) => name)).size).toBe(5);
  });

  test('that the API server has forgotten is made anew, with its count', async () => {
    const recorded = new Recorded();
    recorded.recorder.record(EVENT);
    await recorded.time.advance(3_600_000);
    recorded.fault = (verb) => (verb === 'patch' ? refusal(404, { kind: 'events' }) : undefined);
    recorded.recorder.record(EVENT);
    await recorded.time.advance(1000);
    expect(recorded.written.map(({ verb }) => verb)).toEqual(['create', 'patch', 'create']);
    expect(recorded.written[2]?.object).toMatchObject({ count: 2, firstTimestamp: '2027-01-15T08:00:00Z' });
    expect(recorded.written[2]?.name).not.toBe(recorded.written[0]?.name);
  });

  test.each([
    ['message', 'message', 1024],
    ['reason', 'reason', 128],
    ['action', 'action', 128],
    ['instance', 'reportingInstance', 128],
  ])(
    'keeps within the length that its %s may have, in bytes, without cutting a character',
    async (part, field, most) => {
      const long = 'ä→😀'.repeat(1000);
      const recorded = new Recorded(part === 'instance' ? long : 'x');
      recorded.recorder.record({ ...EVENT, ...(part === 'instance' ? {} : { [part]: long }) });
      await recorded.time.advance(1000);
      const text = String(recorded.written[0]?.object[field]);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
      expect(Buffer.byteLength(text)).toBeGreaterThan(most - 8);
      expect(long.startsWith(text.slice(0, -3)) && text.endsWith('...')).toBe(true);
    },
  );
});

describe('an API server that fails', () => {
  test('is tried again a few times, and the rest waits', async () => {
    const recorded = new Recorded();
    let failures = 3;
    recorded.fault = () => ((failures -= 1) >= 0 ? refusal(500) : undefined);
    recorded.recorder.record(EVENT);
    recorded.recorder.record({ ...EVENT, message: 'later' });
    await recorded.time.advance(60_000);
    expect(recorded.written).toHaveLength(4);
    expect(recorded.written[3]).toMatchObject({ verb: 'create', object: { count: 2, message: 'later' } });
    expect(recorded.logger.lines).toEqual([]);
  });

  test('may have taken what it did not answer', async () => {
    const recorded = new Recorded();
    const faults = [new Error('socket hang up'), refusal(409)];
    recorded.fault = () => faults.shift();
    recorded.recorder.record(EVENT);
    await recorded.time.advance(60_000);
    expect(recorded.written.map(({ verb }) => verb)).toEqual(['create', 'create']);
    expect(recorded.written[1]?.name).toBe(recorded.written[0]?.name);
    recorded.recorder.record(EVENT);
    await recorded.time.advance(120_000);
    expect(recorded.written[2]).toMatchObject({ verb: 'patch', object: { count: 2 } });
  });

  test('costs the event, with a line in the log', async () => {
    const recorded = new Recorded();
    recorded.fault = () => refusal(503);
    recorded.recorder.record(EVENT);
    await recorded.time.advance(600_000);
    expect(recorded.written).toHaveLength(5);
    expect(recorded.logger.lines).toMatchObject([
      { fields: { namespace: 'shop', reason: 'BaselineConflict' }, message: 'cannot write an event, skipping it' },
    ]);
    recorded.fault = () => undefined;
    recorded.recorder.record(EVENT);
    await recorded.time.advance(1000);
    expect(recorded.written[5]).toMatchObject({ verb: 'create', object: { count: 1 } });
  });

  test.each([
    ['forbids it', refusal(403), 1],
    ['finds it wrong', refusal(422), 1],
    ['is deleting the namespace', refusal(403, { causes: [{ reason: 'NamespaceTerminating' }] }), 0],
    ['has deleted the namespace', refusal(404, { kind: 'namespaces' }), 0],
  ])('is not asked again where it %s', async (_, error, lines) => {
    const recorded = new Recorded();
    recorded.fault = () => error;
    recorded.recorder.record(EVENT);
    await recorded.time.advance(600_000);
    expect([recorded.written.length, recorded.logger.lines.length]).toEqual([1, lines]);
  });
});

describe('a flood', () => {
  test('is written at twenty a second, and what passes a thousand at a time is not recorded', async () => {
    const recorded = new Recorded();
    for (let i = 0; i < 5000; i += 1) recorded.recorder.record({ ...EVENT, namespace: `ns-${i}` });
    await recorded.time.advance(10_000);
    expect(recorded.written.length).toBeLessThanOrEqual(200);
    expect(recorded.written.length).toBeGreaterThan(190);
    await recorded.time.advance(300_000);
    expect(recorded.written).toHaveLength(1000);
    for (let i = 5000; i < 5500; i += 1) recorded.recorder.record({ ...EVENT, namespace: `ns-${i}` });
    await recorded.time.advance(300_000);
    expect(recorded.written).toHaveLength(1500);
  });
});

test('after stop nothing is written any more', async () => {
  const recorded = new Recorded();
  recorded.recorder.record(EVENT);
  recorded.recorder.record({ ...EVENT, namespace: 'bank' });
  await recorded.recorder.stop();
  recorded.recorder.record(EVENT);
  await recorded.time.advance(600_000);
  expect(recorded.written).toEqual([]);
});
