import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { type CredentialSources, loadCredentials } from './access/load-credentials.ts';
import { Client } from './api/client.ts';
import { ServerTime } from './api/server-time.ts';
import type { RequestObserver } from './api/transport.ts';

/** ConnectionOptions say which API server is meant, and how it knows us. */
export interface ConnectionOptions extends CredentialSources {
  readonly clock: Clock;
  /** Such as `netpol-guard/1.2.3`. */
  readonly userAgent: string;
  readonly logger: Logger;
  readonly onRequest: RequestObserver;
}

/** Connection is a way to talk to one API server. */
export interface Connection {
  readonly client: Client;
  /** The API server's time, in milliseconds since the epoch. */
  readonly serverNow: () => number;
}

/** openConnection makes ready to talk to an API server; nothing is sent yet. Throws an Error where there is no telling which one. */
export function openConnection({ userAgent, logger, onRequest, ...sources }: ConnectionOptions): Connection {
  const { clock } = sources;
  const time = new ServerTime(() => clock.now(), logger);
  const credentials = loadCredentials(sources);
  const client = new Client({ credentials, clock, userAgent, onRequest, onServerTime: (heard) => time.heard(heard) });
  return { client, serverNow: () => time.now() };
}
