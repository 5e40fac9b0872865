import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import { CIPHER_SUITES } from './cipher-suites.ts';
import type { ServerLimits } from './limits.ts';

/** The certificate for clients, and whether they must present one. */
interface ShownTls {
  readonly tls: { readonly cert?: string; readonly key?: string; readonly ca?: string };
  readonly demandsClient: boolean;
}

/** createHttpsServer makes Node's server of HTTP/1.1 over TLS, within the limits. */
export function createHttpsServer(
  { tls, demandsClient }: ShownTls,
  limits: ServerLimits,
  handle: RequestListener,
): Server {
  const { headers, handshakeTimeout, requestTimeout, keepAliveTimeout, headersTimeout } = limits;
  const server = createServer(
    {
      ...tls,
      ...CIPHER_SUITES,
      ALPNProtocols: ['http/1.1'],
      // A client without a certificate is refused with a sentence that the API server passes on.
      requestCert: demandsClient,
      rejectUnauthorized: false,
      handshakeTimeout,
      maxHeaderSize: headers,
      connectionsCheckingInterval: Math.min(5000, requestTimeout),
    },
    handle,
  );
  // Node would answer every one of a whole record with 417; a server may as well expect nothing.
  server.on('checkExpectation', handle);
  return Object.assign(server, { requestTimeout, keepAliveTimeout, headersTimeout });
}
