import { cut, plain } from '../../objects/plain-text.ts';
import { BadRequest, Overloaded } from './bad-request.ts';

/** HttpStatus is a metav1.Status: what the API server shows of an answer that is not a review. */
export interface HttpStatus {
  readonly apiVersion: 'v1';
  readonly kind: 'Status';
  readonly status: 'Failure';
  readonly code: number;
  readonly reason: string;
  readonly message: string;
}

/** Reasons of metav1.StatusReason, by code; others leave it empty, for unknown. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'BadRequest'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [405, 'MethodNotAllowed'],
  [413, 'RequestEntityTooLarge'],
  [415, 'UnsupportedMediaType'],
  [500, 'InternalError'],
  [503, 'ServiceUnavailable'],
]);

/** statusOf turns what was thrown into the answer: a caller's fault with its reason, an internal error without. */
export function statusOf(error: unknown, contentType: string | undefined): HttpStatus {
  if (error instanceof BadRequest) return status(error.statusCode, error.message);
  if (error instanceof Overloaded) return status(503, error.message);
  if (isRefusalByFastify(error)) {
    if (error.code !== 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return status(error.statusCode, error.message);
    const found = contentType === undefined ? 'missing' : `"${contentType.slice(0, 100)}"`;
    return status(415, `content type is ${found}, expected application/json`);
  }
  return status(500, 'netpol-guard failed to judge this request, which is a bug; its log says why');
}

function status(code: number, message: string): HttpStatus {
  const told = cut(plain(message), 1024);
  return { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason: reasonOf(code), message: told };
}

/** reasonOf returns the reason that goes with a code. */
export function reasonOf(code: number): string {
  return REASONS.get(code) ?? '';
}

/** Fastify's own errors; those of other libraries may carry a status that is not the caller's. */
function isRefusalByFastify(error: unknown): error is Error & { code: string; statusCode: number } {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return false;
  const { code, statusCode } = error;
  const isFastify = typeof code === 'string' && code.startsWith('FST_');
  return isFastify && typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500;
}
