import { IntervalSet } from './interval-set.ts';

/** Protocol is a transport protocol that a NetworkPolicy can name. */
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** PROTOCOLS are those that a NetworkPolicy can name. */
export const PROTOCOLS: readonly Protocol[] = ['UDP', 'TCP', 'SCTP'];

const NO_NUMBERS: IntervalSet<number> = IntervalSet.empty();

/** Every port number that exists: 1 to 65535. */
export const ALL_PORTS: IntervalSet<number> = IntervalSet.of<number>(1, 65536);

/**
 * PortSet is an immutable set of (protocol, port). Named ports stay symbolic: only the destination pod defines which
 * number `dns` is. A full protocol holds every name, since a name always means some number.
 */
export class PortSet {
  readonly numbers: Readonly<Record<Protocol, IntervalSet<number>>>;
  readonly names: Readonly<Record<Protocol, readonly string[]>>;

  private constructor(
    numbers: Readonly<Record<Protocol, IntervalSet<number>>>,
    names: Readonly<Record<Protocol, readonly string[]>>,
  ) {
    this.numbers = numbers;
    this.names = names;
  }

  static readonly empty: PortSet = new PortSet(
    { TCP: NO_NUMBERS, UDP: NO_NUMBERS, SCTP: NO_NUMBERS },
    { TCP: [], UDP: [], SCTP: [] },
  );

  /** Every port of every protocol: a rule without `ports`. */
  static readonly all: PortSet = new PortSet(
    { TCP: ALL_PORTS, UDP: ALL_PORTS, SCTP: ALL_PORTS },
    { TCP: [], UDP: [], SCTP: [] },
  );

  /** ofNumbers returns the ports first..last, both included, of one protocol. */
  static ofNumbers(protocol: Protocol, first: number, last: number): PortSet {
    const numbers = IntervalSet.of(first, last + 1);
    return new PortSet(
      {
        TCP: protocol === 'TCP' ? numbers : NO_NUMBERS,
        UDP: protocol === 'UDP' ? numbers : NO_NUMBERS,
        SCTP: protocol === 'SCTP' ? numbers : NO_NUMBERS,
      },
      PortSet.empty.names,
    );
  }

  static ofName(protocol: Protocol, name: string): PortSet {
    return new PortSet(PortSet.empty.numbers, { ...PortSet.empty.names, [protocol]: [name] });
  }

  static unionAll(sets: readonly PortSet[]): PortSet {
    const [first, second] = sets;
    if (first === undefined) return PortSet.empty;
    if (second === undefined) return first;
    const numbers = (protocol: Protocol) => IntervalSet.unionAll(sets.map((set) => set.numbers[protocol]));
    const names = (protocol: Protocol) => [...new Set(sets.flatMap((set) => set.names[protocol]))].sort();
    const joined = { TCP: numbers('TCP'), UDP: numbers('UDP'), SCTP: numbers('SCTP') };
    const namesOf = (protocol: Protocol) => (isFull(joined[protocol]) ? [] : names(protocol));
    return new PortSet(joined, { TCP: namesOf('TCP'), UDP: namesOf('UDP'), SCTP: namesOf('SCTP') });
  }

  get isEmpty(): boolean {
    return PROTOCOLS.every((protocol) => this.numbers[protocol].isEmpty && this.names[protocol].length === 0);
  }

  /** How many steps it takes to walk its numbers and names. */
  get steps(): number {
    let steps = 1;
    for (const protocol of PROTOCOLS) steps += this.numbers[protocol].bounds.length + this.names[protocol].length;
    return steps;
  }

  has(protocol: Protocol, port: number): boolean {
    return this.numbers[protocol].has(port);
  }

  hasName(protocol: Protocol, name: string): boolean {
    return this.hasAll(protocol) || this.names[protocol].includes(name);
  }

  hasAll(protocol: Protocol): boolean {
    return isFull(this.numbers[protocol]);
  }

  union(other: PortSet): PortSet {
    return PortSet.unionAll([this, other]);
  }

  /** isSubset holds if every number, and every name as a name, of this set is in the other. */
  isSubset(other: PortSet): boolean {
    return PROTOCOLS.every((protocol) => {
      if (!this.numbers[protocol].isSubset(other.numbers[protocol])) return false;
      if (this.names[protocol].length === 0 || other.hasAll(protocol)) return true;
      const names = new Set(other.names[protocol]);
      return this.names[protocol].every((name) => names.has(name));
    });
  }
}

function isFull(numbers: IntervalSet<number>): boolean {
  return ALL_PORTS.isSubset(numbers);
}
