/** BadRequest is a request that cannot be answered as a review, and is the caller's fault. */
export class BadRequest extends Error {
  /** HTTP status, 4xx. */
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.name = 'BadRequest';
    this.statusCode = statusCode;
  }
}

/** Overloaded is a request that is turned away for now; the API server's client retries it. */
export class Overloaded extends Error {
  /** What there was too much of: a metric's label. */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = 'Overloaded';
    this.reason = reason;
  }
}
