import type { Time } from '../../runtime/clock.ts';
import { Shares } from '../../runtime/shares.ts';

/** ConnectionLimits bound the connections of the webhook's port, and the data that waits for their clients. */
export interface ConnectionLimits {
  /** Connections that have not proven anything. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /**
   * Proven connections; a shared address, such as that of a proxy before the API server, is no reason to close them.
   */
  readonly provenConnections: number;
  /** Bytes of arriving bodies and of answers that have not been read yet; the same again for proven connections. */
  readonly waitingBytes: number;
  /** How long a body may take from its headers on, in milliseconds. */
  readonly bodyTimeout: number;
  /** How long an answer may wait to be read, in milliseconds. */
  readonly answerTimeout: number;
}

/** SlowConnection is one whose client is too slow to send a body or to read an answer. */
export interface SlowConnection<Connection> {
  readonly connection: Connection;
  readonly waitsFor: 'body' | 'answer';
}

interface State {
  readonly address: string;
  isProven: boolean;
  /** Answers that are on their way. */
  answers: number;
}

/**
 * ConnectionBook accounts for the connections to a port: which may stay, and which clients it waits for. It touches no
 * socket: its caller closes what it returns. A new connection is never rejected; an idle one is closed instead, and one
 * whose request is being judged stays. Proven connections and others are counted separately, so neither can push the
 * other out.
 */
export class ConnectionBook<Connection> {
  private readonly limits: ConnectionLimits;
  private readonly clock: Time;
  private readonly states = new Map<Connection, State>();
  private readonly places: Readonly<Record<'proven' | 'unproven', Shares<Connection>>>;
  private readonly bytes: Readonly<Record<'proven' | 'unproven', Shares<Connection>>>;
  /** Since when their bodies arrive, and answers wait to be read; oldest first. */
  private readonly bodies = new Map<Connection, number>();
  private readonly answers = new Map<Connection, number>();

  constructor(limits: ConnectionLimits, clock: Time) {
    const { connections, connectionsPerAddress, provenConnections, waitingBytes } = limits;
    this.limits = limits;
    this.clock = clock;
    this.places = {
      unproven: new Shares({ total: connections, perOwner: connectionsPerAddress }),
      proven: new Shares({ total: provenConnections, perOwner: provenConnections }),
    };
    const bytes = { total: waitingBytes, perOwner: waitingBytes };
    this.bytes = { unproven: new Shares(bytes), proven: new Shares(bytes) };
  }

  /** opened counts a connection, before TLS, and returns those to close for it. */
  opened(connection: Connection, address: string): readonly Connection[] {
    this.states.set(connection, { address, isProven: false, answers: 0 });
    return this.places.unproven.take(connection, address, 1);
  }

  /** proved marks a connection whose client has proven its identity, and returns those to close for it. */
  proved(connection: Connection): readonly Connection[] {
    const state = this.states.get(connection);
    if (state === undefined || state.isProven) return [];
    this.places.unproven.drop(connection);
    this.bytes.unproven.drop(connection);
    state.isProven = true;
    return this.places.proven.take(connection, state.address, 1);
  }

  isProven(connection: Connection): boolean {
    return this.states.get(connection)?.isProven === true;
  }

  addressOf(connection: Connection): string {
    return this.states.get(connection)?.address ?? 'unknown';
  }

  /** bodyBegins is when the headers of a request have been read. */
  bodyBegins(connection: Connection): void {
    const state = this.states.get(connection);
    if (state === undefined) return;
    this.bodies.set(connection, this.clock.elapsed());
    // An unproven connection does not become younger by sending data.
    if (state.isProven) this.places.proven.refresh(connection);
  }

  /**
   * bodyGrew counts arrived bytes of a body, and returns the connections to close because of their bodies or answers.
   */
  bodyGrew(connection: Connection, bytes: number): readonly Connection[] {
    return this.waits(connection, bytes);
  }

  /** bodyEnds is when a body is complete, or never will be; then its bytes are counted elsewhere. */
  bodyEnds(connection: Connection): void {
    this.bodies.delete(connection);
    this.settle(connection);
  }

  /** judging keeps a connection from being closed while its request is in progress. */
  judging(connection: Connection): void {
    this.placesOf(connection)?.spare(connection);
  }

  /** answered counts the bytes of an answer until it is read; it returns the connections to close for it. */
  answered(connection: Connection, bytes: number): readonly Connection[] {
    const state = this.states.get(connection);
    if (state === undefined) return [];
    state.answers += 1;
    if (state.answers === 1) this.answers.set(connection, this.clock.elapsed());
    this.placesOf(connection)?.refresh(connection);
    return this.waits(connection, bytes);
  }

  /** answerRead is when an answer has left, or the client has. */
  answerRead(connection: Connection): void {
    const state = this.states.get(connection);
    if (state === undefined || state.answers === 0) return;
    state.answers -= 1;
    if (state.answers > 0) return;
    this.answers.delete(connection);
    this.settle(connection);
  }

  closed(connection: Connection): void {
    for (const shares of [...Object.values(this.places), ...Object.values(this.bytes)]) shares.drop(connection);
    this.bodies.delete(connection);
    this.answers.delete(connection);
    this.states.delete(connection);
  }

  /** slow returns the connections whose time is over, and stops waiting for them. */
  slow(): readonly SlowConnection<Connection>[] {
    const { bodyTimeout, answerTimeout } = this.limits;
    const bodies = this.overdue(this.bodies, bodyTimeout);
    const answers = this.overdue(this.answers, answerTimeout);
    return [
      ...bodies.map((connection) => ({ connection, waitsFor: 'body' as const })),
      ...answers.map((connection) => ({ connection, waitsFor: 'answer' as const })),
    ];
  }

  private overdue(since: Map<Connection, number>, limit: number): readonly Connection[] {
    const last = this.clock.elapsed() - limit;
    const over: Connection[] = [];
    for (const [connection, began] of since) {
      if (began > last) break;
      since.delete(connection);
      over.push(connection);
    }
    return over;
  }

  private waits(connection: Connection, bytes: number): readonly Connection[] {
    const state = this.states.get(connection);
    if (state === undefined) return [];
    return this.bytes[state.isProven ? 'proven' : 'unproven'].take(connection, state.address, bytes);
  }

  /** The awaited body or answer is done; both may be in transit. */
  private settle(connection: Connection): void {
    if (this.bodies.has(connection) || this.answers.has(connection)) return;
    this.bytes.unproven.drop(connection);
    this.bytes.proven.drop(connection);
  }

  private placesOf(connection: Connection): Shares<Connection> | undefined {
    const state = this.states.get(connection);
    return state && this.places[state.isProven ? 'proven' : 'unproven'];
  }
}
