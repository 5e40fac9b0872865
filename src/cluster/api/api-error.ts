import { asObject, field, type Json } from '../../objects/fields.ts';

/** Longest excerpt of an answer that is not a Status, in characters. */
const EXCERPT = 200;

/**
 * The API server shows the URL of a webhook call: the first segment of the path stays, and the secret after it is
 * removed.
 */
const SECRET_PATH =
  /((?:^|[\s"'(]|https:\/\/[^\s"'/]+)\/[a-z][a-z-]*)\/[a-z0-9][a-z0-9-]{30,61}[a-z0-9](?=$|[\s"'?:),.;])/g;

/** ApiError is a refusal by the API server: its metav1.Status. */
export class ApiError extends Error {
  /** HTTP status code, such as 404. */
  readonly code: number;
  /** Machine-readable reason, such as `NotFound`; empty if the answer gave none. */
  readonly reason: string;
  /** The API server's message for people; empty if there was none. */
  readonly said: string;
  /** How long the server asks to wait before the next try, in seconds; undefined if it does not say. */
  readonly retryAfterSeconds: number | undefined;
  /** Reasons of `details.causes`, such as `ResourceVersionTooLarge` or `NamespaceTerminating`. */
  readonly causes: readonly string[];
  /** `details.kind`: the resource that the refusal is about, such as `namespaces`; empty if the answer gave none. */
  readonly kind: string;

  constructor(what: string, code: number, status: Json, retryAfterSeconds?: number) {
    const reason = textOf(status, 'reason');
    const said = textOf(status, 'message').replaceAll(SECRET_PATH, '$1/…');
    super(`${what}: ${code} ${reason}: ${said}`);
    this.said = said;
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    const details = asObject(field(status, 'details') ?? {}, 'details');
    const fromStatus = field(details, 'retryAfterSeconds');
    this.retryAfterSeconds = retryAfterSeconds ?? (typeof fromStatus === 'number' ? fromStatus : undefined);
    this.kind = textOf(details, 'kind');
    const causes = field(details, 'causes');
    this.causes = Array.isArray(causes) ? causes.map(causeReason) : [];
  }

  /** Whether a resource version or a continue token is too old, or newer than anything the server has seen. */
  get isExpired(): boolean {
    return this.code === 410 || this.reason === 'Expired' || this.causes.includes('ResourceVersionTooLarge');
  }

  get isNotFound(): boolean {
    return this.code === 404;
  }

  /** Whether a write named another version than the stored one, or an object of that name exists. */
  get isConflict(): boolean {
    return this.code === 409;
  }

  get isForbidden(): boolean {
    return this.code === 403;
  }
}

/** NoAnswer means that no answer came in time. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly milliseconds: number;

  constructor(what: string, milliseconds: number) {
    super(`${what}: no answer within ${milliseconds} ms`);
    this.milliseconds = milliseconds;
  }
}

/** MalformedAnswer means that the API server, or something that poses as it, sent an unreadable answer. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** AnswerTooLarge means that an answer exceeded the size that is held in memory. */
export class AnswerTooLarge extends MalformedAnswer {
  constructor(what: string, limitBytes: number) {
    super(`${what}: longer than ${limitBytes} bytes`);
  }
}

/** apiErrorOf makes the error of an HTTP answer that is not 2xx; bodies that are not a Status are quoted in part. */
export function apiErrorOf(what: string, code: number, body: string, retryAfter: string | undefined): ApiError {
  return new ApiError(what, code, statusOf(body), secondsOf(retryAfter));
}

function statusOf(body: string): Json {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return asObject(parsed, 'status');
  } catch {
    // A proxy's page, or nothing at all: quoted below.
  }
  return { message: body.slice(0, EXCERPT) };
}

/** Retry-After in its form of seconds, the one that kube-apiserver sends; never negative. */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

function textOf(status: Json, key: string): string {
  const value = field(status, key);
  return typeof value === 'string' ? value : '';
}

function causeReason(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'reason' in cause && typeof cause.reason === 'string'
    ? cause.reason
    : '';
}
