import { messageOf } from '../objects/message-of.ts';
import { type Credentials, CredentialsError } from './access/credentials.ts';
import { shortened } from './access/shortened.ts';
import { ApiError, MalformedAnswer, NoAnswer } from './api/api-error.ts';

/** TLS errors for a certificate that the kubeconfig's CA did not sign, or that is not for this host. */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

const OUT_OF_DATE: ReadonlySet<unknown> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

const UNKNOWN_HOST: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NODATA']);

const UNREACHABLE: ReadonlySet<unknown> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);

/** The TLS error for a server that speaks plain HTTP, and the HTTP error for one that speaks TLS. */
const OTHER_PROTOCOL: ReadonlySet<unknown> = new Set([
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'HPE_INVALID_CONSTANT',
]);

type Way = Pick<Credentials, 'server' | 'proxy' | 'origin'>;

/**
 * contactProblem explains in one or two sentences why a call to the API server failed, and what to do, as kubectl does.
 */
export function contactProblem(error: unknown, way: Way): string {
  const { server, origin } = way;
  const host = shownUrl(server);
  if (error instanceof ApiError) return refusal(error, host, origin);
  if (error instanceof CredentialsError) return `${origin}: ${error.message}`;
  if (error instanceof NoAnswer) {
    return `${host} did not answer within ${error.milliseconds / 1000} s; check the network, VPN and proxy to it`;
  }
  if (error instanceof MalformedAnswer) return notAnApiServer(host, origin);
  const code = codeOf(error);
  if (OUT_OF_DATE.has(code)) {
    return `the certificate of ${host} is not valid now (${reasonOf(error)}); renew it, or set this machine's clock right`;
  }
  if (UNTRUSTED.has(code)) {
    return `the certificate of ${host} is not trusted (${reasonOf(error)}); check certificate-authority and server of ${origin}`;
  }
  if (OTHER_PROTOCOL.has(code)) return notAnApiServer(host, origin);
  return noConnection(error, code, way);
}

/** Where there is a proxy, that is what a connection is made to. */
function noConnection(error: unknown, code: unknown, { server, proxy, origin }: Way): string {
  const first = proxy === undefined ? server : new URL(proxy);
  const named = proxy === undefined ? 'server' : 'proxy-url';
  const peer = proxy === undefined ? shownUrl(server) : `the proxy ${shownUrl(first)}`;
  if (code === 'ECONNREFUSED') {
    const runs = proxy === undefined ? 'the cluster runs' : 'it runs';
    return `${peer} refuses the connection; check that ${runs}, and the ${named} of ${origin}`;
  }
  if (UNKNOWN_HOST.has(code)) {
    return `there is no host ${first.hostname}; check the ${named} of ${origin}, and your DNS and VPN`;
  }
  if (UNREACHABLE.has(code))
    return `${peer} cannot be reached (${String(code)}); check the network, VPN and proxy to it`;
  if (code === 'ECONNRESET') {
    return `${peer} ends the connection without an answer; check the ${named} of ${origin}, including http or https`;
  }
  return `${peer} cannot be asked: ${reasonOf(error)}; check the ${named} and user of ${origin}`;
}

function refusal({ code, reason, said }: ApiError, host: string, origin: string): string {
  if (code === 401) {
    return `${host} does not accept the credentials of ${origin} (401 Unauthorized); log in again, or use another context`;
  }
  if (code === 403) {
    return `${host} refuses (403 Forbidden): ${shortened(said)}; ask a cluster admin for that right, or use another context (these are the credentials of ${origin})`;
  }
  // An API server always gives a reason; a proxy, or a page that is there by chance, gives none.
  if (reason === '') return notAnApiServer(host, origin);
  return `${host} answers ${code} ${shortened(reason)}: ${shortened(said)}; try again in a moment`;
}

function notAnApiServer(host: string, origin: string): string {
  return `${host} does not answer as a Kubernetes API server does; check the server of ${origin}, and the proxy to it`;
}

/** A name or password in the address must not be shown. */
function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname === '/' ? '' : pathname}`;
}

/** Node adds to some reasons which of its own flags may help; there is none here. */
function reasonOf(error: unknown): string {
  return shortened(messageOf(error).split('; if the root CA', 1)[0] ?? '');
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
