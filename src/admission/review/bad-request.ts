/** BadRequest is a request that cannot be answered as a review, by the caller's fault. */
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
 * UnreadableReview is a review that cannot be read although an API server may have sent it: its author made it so. It
 * is refused as a review if its uid is known, since an HTTP error would leave it to the failurePolicy of the entry.
 */
export class UnreadableReview extends BadRequest {
  constructor(statusCode: 400 | 413, message: string) {
    super(statusCode, message);
    this.name = 'UnreadableReview';
  }
}

/** Overloaded is a request that is rejected for now; the API server's client retries it. */
export class Overloaded extends Error {
  /** The resource that was exhausted: a metric's label. */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = 'Overloaded';
    this.reason = reason;
  }
}

/** PutOff is a review that is rejected for now because of its content: answered like Unreadable. */
export class PutOff extends Overloaded {
  constructor(reason: string, message: string) {
    super(reason, message);
    this.name = 'PutOff';
  }
}
