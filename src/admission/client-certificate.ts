import { BadRequest } from './bad-request.ts';
import { cut, plain } from './plain-text.ts';

/** TlsPeer is as much of a TLS connection as tells who is at the other end. */
interface TlsPeer {
  readonly authorized: boolean;
  readonly authorizationError?: unknown;
  getPeerCertificate(): { readonly subject?: { readonly CN?: string | string[] }; readonly subjectaltname?: string };
}

/** Much less is shown of what somebody unknown has sent. */
const MOST_NAMES = 5;

/**
 * demandClient throws BadRequest (403) unless the client of a connection has shown a certificate that its TLS server takes
 * for valid, and that bears one of the names; without names, any will do.
 */
export function demandClient(connection: object, names: readonly string[]): void {
  if (!isTlsPeer(connection)) throw new BadRequest(403, 'a client certificate is demanded, and this is no TLS');
  const { subject = {}, subjectaltname = '' } = connection.getPeerCertificate();
  const found = [subject.CN ?? [], subjectaltname.split(', ').filter(Boolean)].flat().map(bare);
  if (found.length === 0 && !connection.authorized) {
    throw new BadRequest(403, 'no client certificate was shown; tls.clientCAFile demands one of the API server');
  }
  const shown = cut(plain(found.slice(0, MOST_NAMES).join(', ')), 200);
  if (!connection.authorized) {
    const why = String(connection.authorizationError);
    throw new BadRequest(
      403,
      `the client certificate of ${shown} is not signed by tls.clientCAFile, or has expired: ${why}`,
    );
  }
  if (names.length > 0 && !found.some((name) => names.includes(name))) {
    throw new BadRequest(403, `the client certificate is that of ${shown}; tls.clientNames are ${names.join(', ')}`);
  }
}

function bare(name: string): string {
  return name.replace(/^(DNS|IP Address|URI|email):/, '');
}

function isTlsPeer(connection: object): connection is TlsPeer {
  return 'authorized' in connection && 'getPeerCertificate' in connection;
}
