import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Overloaded } from '../../../src/admission/bad-request.ts';
import { Capacity } from '../../../src/admission/capacity.ts';

test('what is counted in and out again leaves all the room that there was', () => {
  const chunks = fc.array(fc.nat(300), { maxLength: 10 });
  fc.assert(
    fc.property(fc.array(chunks, { maxLength: 20 }), (requests) => {
      const capacity = new Capacity({ maxRequests: 10, maxBytes: 1000, freeBytes: 100 });
      const sizes: number[] = [];
      for (const request of requests) {
        try {
          capacity.enter();
        } catch (error) {
          expect(error).toBeInstanceOf(Overloaded);
          expect(sizes).toHaveLength(10);
          continue;
        }
        let size = 0;
        for (const chunk of request) {
          try {
            capacity.grow(size, chunk);
            size += chunk;
          } catch (error) {
            expect(error).toBeInstanceOf(Overloaded);
            break;
          }
        }
        sizes.push(size);
        const counted = sizes.reduce((sum, bytes) => sum + Math.max(0, bytes - 100), 0);
        expect(counted).toBeLessThanOrEqual(1000);
      }
      for (const size of sizes) capacity.leave(size);
      capacity.enter();
      capacity.grow(0, 1100);
      expect(() => capacity.grow(1100, 1)).toThrow(Overloaded);
    }),
  );
});
