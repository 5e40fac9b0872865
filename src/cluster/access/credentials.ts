/** TlsMaterial is what a connection to the API server is made with; PEM. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** RequestCredentials is what one request needs now: tokens and certificates as they stand. */
export interface RequestCredentials {
  readonly headers: Readonly<Record<string, string>>;
  /** The same object until something in it changes, so that connections can be kept. */
  readonly tls: TlsMaterial;
}

/** Credentials say where the API server is and who asks. */
export interface Credentials {
  /** With a path where the API server is behind one. */
  readonly server: URL;
  /** An HTTP proxy on the way; undefined for a direct connection. */
  readonly proxy?: string;
  /** Where they come from, as messages name it: `context "main" of ~/.kube/config`. */
  readonly origin: string;
  /** access is called for every request; it reads files and runs plugins again only as often as it must. Throws CredentialsError. */
  access(): Promise<RequestCredentials>;
  /** refused says that the API server did not accept them (401), so that they are read again for the next request. */
  refused(): void;
}

/** CredentialsError says that there are no credentials to ask with: a plugin failed, a file is not there. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
