import { cut, plain } from '../../objects/plain-text.ts';
import { BadRequest } from '../review/bad-request.ts';

/** TlsPeer is the part of a TLS connection that identifies the other end. */
interface TlsPeer {
  readonly authorized: boolean;
  readonly authorizationError?: unknown;
  getPeerCertificate(): { readonly subject?: { readonly CN?: string | string[] }; readonly subjectaltname?: string };
}

/** Messages show much less of what an unknown client has sent. */
const MOST_NAMES = 5;

/**
 * demandClient throws BadRequest (403) unless the client of a connection has presented a certificate that its TLS
 * server accepts, with one of the names as its common name or a DNS name; without names, any will do.
 */
export function demandClient(connection: object, names: readonly string[]): void {
  if (!isTlsPeer(connection))
    throw new BadRequest(403, 'a client certificate is required, but this connection does not use TLS');
  const { subject = {}, subjectaltname = '' } = connection.getPeerCertificate();
  const common = [subject.CN ?? []].flat();
  const alternative = subjectaltname.split(', ').filter(Boolean);
  const found = [...common, ...alternative.map(bare)];
  if (found.length === 0 && !connection.authorized) {
    throw new BadRequest(403, 'no client certificate was presented; tls.clientCAFile requires one from the API server');
  }
  const shown = cut(plain(found.slice(0, MOST_NAMES).join(', ')), 200);
  if (!connection.authorized) {
    const why = String(connection.authorizationError);
    throw new BadRequest(
      403,
      `the client certificate of ${shown} is not signed by tls.clientCAFile, or has expired: ${why}`,
    );
  }
  const borne = [...common, ...alternative.filter(isDnsName).map(bare)];
  if (names.length > 0 && !borne.some((name) => names.includes(name))) {
    throw new BadRequest(403, `the client certificate is that of ${shown}; tls.clientNames are ${names.join(', ')}`);
  }
}

/** A CA may let its clients choose names of other kinds. */
function isDnsName(name: string): boolean {
  return name.startsWith('DNS:');
}

function bare(name: string): string {
  return name.replace(/^DNS:/, '');
}

function isTlsPeer(connection: object): connection is TlsPeer {
  return 'authorized' in connection && 'getPeerCertificate' in connection;
}
