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

/**
 * UnreadableReview is a review that cannot be read, though an API server may have sent it: its writer made it so. It is refused as a
 * review where its uid is known, since an HTTP error would leave it to the failurePolicy of the entry.
 */
export class UnreadableReview extends BadRequest {
  constructor(statusCode: 400 | 413, message: string) {
    super(statusCode, message);
    this.name = 'UnreadableReview';
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

/** PutOff is a review that is turned away for now for what its writers made of it: answered like Unreadable. */
export class PutOff extends Overloaded {
  constructor(reason: string, message: string) {
    super(reason, message);
    this.name = 'PutOff';
  }
}
