/** TlsMaterial are the certificates for a connection to the API server; PEM. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** RequestCredentials are what one request needs now: the current tokens and certificates. */
export interface RequestCredentials {
  readonly headers: Readonly<Record<string, string>>;
  /** The same object until something in it changes, so that connections can be kept. */
  readonly tls: TlsMaterial;
}

/** Credentials are the address of the API server and the identity of the client. */
export interface Credentials {
  /** With a path if the API server is behind one. */
  readonly server: URL;
  /** An HTTP proxy on the way; undefined for a direct connection. */
  readonly proxy?: string;
  /** Their origin, as messages name it: `context "main" of ~/.kube/config`. */
  readonly origin: string;
  /** access is called for every request; it reads files and runs plugins again only as often as it must. Throws CredentialsError. */
  access(): Promise<RequestCredentials>;
  /**
   * refused reports that the API server did not accept them (401), so that they are read again for the next request.
   */
  refused(): void;
}

/** CredentialsError means that there are no usable credentials: a plugin failed, or a file does not exist. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
