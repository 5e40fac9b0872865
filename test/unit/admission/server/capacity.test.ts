import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Overloaded } from '../../../../src/admission/review/bad-request.ts';
import { Capacity } from '../../../../src/admission/server/capacity.ts';

const LIMITS = { requests: 10, requestsPerAddress: 6, inFlightBytes: 1000, freeBytes: 100 };

function enters(capacity: Capacity, address: string, bytes: number): boolean {
  try {
    capacity.enter(address, bytes);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Overloaded);
    return false;
  }
}

test('what is counted in and out again leaves all the room that there was, and no limit is passed meanwhile', () => {
  const requests = fc.array(fc.tuple(fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3'), fc.nat(600)), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(requests, (wanted) => {
      const capacity = new Capacity(LIMITS);
      const inHand = wanted.filter(([address, bytes]) => enters(capacity, address, bytes));
      const counted = inHand.reduce((sum, [, bytes]) => sum + Math.max(0, bytes - 100), 0);
      expect(counted).toBeLessThanOrEqual(1000);
      expect(inHand.length).toBeLessThanOrEqual(10);
      for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) {
        expect(inHand.filter(([of]) => of === address).length).toBeLessThanOrEqual(6);
      }
      for (const [address, bytes] of inHand) capacity.leave({ address, bytes });
      capacity.enter('10.0.0.1', 1100);
      expect(enters(capacity, '10.0.0.1', 101)).toBe(false);
      for (let n = 1; n < 6; n += 1) expect(enters(capacity, '10.0.0.1', 100)).toBe(true);
      expect(enters(capacity, '10.0.0.1', 0)).toBe(false);
    }),
  );
});

test('who has all the places that an address may have leaves some to others', () => {
  const capacity = new Capacity(LIMITS);
  for (let n = 0; n < 20; n += 1) enters(capacity, '10.0.0.1', 0);
  expect(capacity.requests).toBe(6);
  expect(enters(capacity, '10.0.0.2', 0)).toBe(true);
});
