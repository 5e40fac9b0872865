import type { BodyLimits } from './body.ts';
import type { CapacityLimits } from './capacity.ts';
import type { ConnectionLimits } from './connections.ts';
import type { RestLimits } from './rest-of-body.ts';
import type { ReticenceLimits } from './reticence.ts';

/** ServerLimits are all limits of the webhook port. Times in milliseconds, sizes in bytes. */
export interface ServerLimits extends BodyLimits, CapacityLimits, ConnectionLimits, ReticenceLimits {
  readonly headers: number;
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly handshakeTimeout: number;
  readonly keepAliveTimeout: number;
  readonly pathPatience: number;
  readonly restOfBody: RestLimits;
}

/** LIMITS are the limits in force. */
export const LIMITS: ServerLimits = {
  /** Object and old object take up to 3 MiB each, and 1 MiB is for the rest (controller-runtime, admission/http.go). */
  body: 7 * 1024 * 1024,
  /** An API server takes 3 MiB from its client and stores 1.5; of each, Go may write every byte as six, such as `<`. */
  longBody: 28 * 1024 * 1024,
  headers: 16 * 1024,
  /** As controller-runtime's internal/httpserver. */
  headersTimeout: 32_000,
  requestTimeout: 30_000,
  /** As long as the API server's client waits for one (Go's DefaultTransport). */
  handshakeTimeout: 10_000,
  /**
   * Longer than the API server keeps idle connections (90 s): if this side closed first, the API server's next call
   * would fail.
   */
  keepAliveTimeout: 120_000,
  /**
   * For asking whether a path exists: less than for a body; the rest of the entries' five seconds is for the verdict.
   */
  pathPatience: 3000,
  /** An API server sends a body and reads the answer without delay. */
  bodyTimeout: 5000,
  answerTimeout: 5000,
  /**
   * An API server keeps 25 idle connections to a host, and opens more in bursts; several may share an address. One that idles
   * takes some 70 KB of memory.
   */
  connections: 1000,
  connectionsPerAddress: 750,
  /** Only a bound for memory: normally there are some dozens. */
  provenConnections: 2500,
  /** One of the largest bodies, which arrive in a moment, beside all others. */
  waitingBytes: 32 * 1024 * 1024,
  requests: 750,
  requestsPerAddress: 600,
  /** Parsed, a body takes some three times its size in memory; one of empty objects twenty times, but one at a time. */
  inFlightBytes: 64 * 1024 * 1024,
  /** No ordinary review is larger. */
  freeBytes: 64 * 1024,
  /**
   * A pipeline that applies a thousand policies may see all of their warnings; no reader needs so many a second for
   * long.
   */
  details: 1000,
  detailsPerSecond: 50,
  /** For data that a client has sent before it could know of the refusal. */
  restOfBody: { bytes: 256 * 1024, milliseconds: 1000 },
};
