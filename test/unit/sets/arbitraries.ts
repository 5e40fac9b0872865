import fc from 'fast-check';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { IntervalSet } from '../../../src/sets/interval-set.ts';
import { LabelSelector, type Labels, type Requirement } from '../../../src/sets/label-selector.ts';
import { PortSet, type Protocol } from '../../../src/sets/port-set.ts';
import { ValueSet } from '../../../src/sets/value-set.ts';

/** Integers 0 to SMALL_END - 1 are the whole universe of the small interval sets, so that brute force can ask each. */
export const SMALL_END = 24;

const smallInterval = fc
  .tuple(fc.integer({ min: 0, max: SMALL_END }), fc.integer({ min: 0, max: SMALL_END }))
  .map(([start, end]) => IntervalSet.of<number>(start, end));

/** Sets over the small universe, from up to five intervals that may overlap, touch or be empty. */
export const smallSet: fc.Arbitrary<IntervalSet<number>> = fc
  .array(smallInterval, { maxLength: 5 })
  .map((parts) => IntervalSet.unionAll(parts));

/** The same sets spread over IPv6: the bound n stands at n * 2^120. */
export const spread = (set: IntervalSet<number>): IntervalSet<bigint> =>
  IntervalSet.unionAll([...set.intervals()].map(([a, b]) => IntervalSet.of(BigInt(a) << 120n, BigInt(b) << 120n)));

export const addressSet: fc.Arbitrary<AddressSet> = fc
  .tuple(smallSet, smallSet)
  .map(([v4, v6]) => new AddressSet(v4, spread(v6)));

export const protocol: fc.Arbitrary<Protocol> = fc.constantFrom('TCP', 'UDP', 'SCTP');

/** The port numbers that brute force asks about; ranges begin and end at or beside them. */
export const SAMPLE_PORTS: readonly number[] = [1, 2, 52, 53, 54, 5353, 65534, 65535];
export const SAMPLE_PORT_NAMES: readonly string[] = ['dns', 'dns-tcp', 'web'];

const portRange = fc
  .tuple(protocol, fc.constantFrom(...SAMPLE_PORTS), fc.constantFrom(...SAMPLE_PORTS))
  .map(([over, a, b]) => PortSet.ofNumbers(over, Math.min(a, b), Math.max(a, b)));
const portName = fc
  .tuple(protocol, fc.constantFrom(...SAMPLE_PORT_NAMES))
  .map(([over, name]) => PortSet.ofName(over, name));

export const portParts: fc.Arbitrary<PortSet[]> = fc.array(
  fc.oneof({ weight: 6, arbitrary: portRange }, { weight: 3, arbitrary: portName }, fc.constant(PortSet.all)),
  { maxLength: 5 },
);

/** Label values that constraints mention, absence, and `fresh`, which none mentions: all that can make a difference. */
export const LABEL_VALUES: readonly (string | undefined)[] = ['a', 'b', '', undefined, 'fresh'];
export const LABEL_KEYS: readonly string[] = ['x', 'y', '__proto__'];

const mentioned = fc.uniqueArray(fc.constantFrom('a', 'b', ''), { minLength: 1, maxLength: 3 });

export const valueSet: fc.Arbitrary<ValueSet> = fc
  .tuple(fc.uniqueArray(fc.constantFrom('a', 'b', '')), fc.boolean(), fc.boolean())
  .map(([values, complement, absent]) => new ValueSet(values, complement, absent));

export const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({
    key: fc.constantFrom(...LABEL_KEYS),
    operator: fc.constantFrom('In' as const, 'NotIn' as const),
    values: mentioned,
  }),
  fc.record({
    key: fc.constantFrom(...LABEL_KEYS),
    operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
    values: fc.constant([]),
  }),
);

export const requirements: fc.Arbitrary<Requirement[]> = fc.array(requirement, { maxLength: 4 });

export const selector: fc.Arbitrary<LabelSelector> = requirements.map((lines) => LabelSelector.of(new Map(), lines));

/** Every label set over LABEL_KEYS and LABEL_VALUES: 125 of them. */
export const allLabels: readonly Labels[] = LABEL_KEYS.reduce<Labels[]>(
  (sets, key) =>
    sets.flatMap((set) =>
      LABEL_VALUES.map((value) => (value === undefined ? set : new Map([...set, [key, value] as const]))),
    ),
  [new Map()],
);
