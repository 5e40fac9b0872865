import type { FieldPath } from '../objects/field-path.ts';
import type { GuardConfiguration } from './configuration.ts';
import { durationMs } from './formats.ts';
import { type Fault, faultAt } from './problem.ts';

/** TlsSettings are the source of the serving certificate and the permitted clients. Times in milliseconds. */
export interface TlsSettings {
  /** undefined if the configuration does not set it. */
  readonly mode: 'selfSigned' | 'certManager' | 'existingSecret' | undefined;
  readonly authorityMs: number;
  readonly certificateMs: number;
  /** PEM file of the CA of clients that may call; undefined if any client may. */
  readonly clientCAFile: string | undefined;
  /** Names of which a client's certificate must have one; empty for any. */
  readonly clientNames: readonly string[];
}

/** A shorter certificate would expire before every API server knows it. */
const LEAST_CERTIFICATE_MS = 10_000;
/**
 * A CA is renewed with a third of its time left, in which the next one must settle and the last certificates expire.
 */
const LEAST_RATIO = 4;

/** compileTls reads a checked configuration. */
export function compileTls({ mode, selfSigned, clientCAFile, clientNames }: GuardConfiguration['tls']): TlsSettings {
  return {
    mode,
    authorityMs: durationMs(selfSigned.caDuration),
    certificateMs: durationMs(selfSigned.certificateDuration),
    clientCAFile: clientCAFile === '' ? undefined : clientCAFile,
    clientNames,
  };
}

/** tlsFaults finds lifetimes that do not fit together, and names that nothing checks. */
export function tlsFaults(tls: GuardConfiguration['tls']): readonly Fault[] {
  const { authorityMs, certificateMs, clientCAFile, clientNames } = compileTls(tls);
  const faults: Fault[] = [];
  const add = (segments: FieldPath, message: string) => faults.push(faultAt(segments, message));
  const { caDuration, certificateDuration } = tls.selfSigned;
  if (certificateMs < LEAST_CERTIFICATE_MS) {
    add(['tls', 'selfSigned', 'certificateDuration'], `"${certificateDuration}" is too short; the minimum is 10s`);
  } else if (authorityMs < certificateMs * LEAST_RATIO) {
    const least = `at least ${LEAST_RATIO} times the certificateDuration, "${certificateDuration}"`;
    add(['tls', 'selfSigned', 'caDuration'], `"${caDuration}" is too short; it must be ${least}`);
  }
  if (clientCAFile === undefined && clientNames.length > 0) {
    add(['tls', 'clientNames'], 'are not checked without tls.clientCAFile; give both');
  }
  return faults;
}
