import type { Logger } from '../../runtime/logger.ts';
import type { PollObserver } from '../../runtime/poll.ts';
import type { KeyPair } from '../../tls/x509/key-pair.ts';
import type { Metrics } from './metrics/admission.ts';

/** SecureContext is the certificate that a Node server presents, and the CAs of clients that it accepts; PEM. */
export interface SecureContext {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** SecureServer is a server that can be given another context while it runs. */
export interface SecureServer {
  setSecureContext(context: SecureContext): void;
}

/**
 * ShownCertificate is the only place that receives a serving certificate, from any source: it keeps it, reports it to
 * metrics and log, and gives it to the running server.
 */
export class ShownCertificate implements PollObserver<KeyPair> {
  private readonly metrics: Pick<Metrics['certificates'], 'expires' | 'failed'>;
  private readonly log: Logger;
  private pair: KeyPair | undefined;
  private ca: string | undefined;
  private server: SecureServer | undefined;
  /** Whether the server that runs, or is about to, was given the pair. */
  private isGiven = true;

  constructor(metrics: Pick<Metrics['certificates'], 'expires' | 'failed'>, log: Logger) {
    this.metrics = metrics;
    this.log = log;
  }

  /** context returns what to present now; without a certificate if there is none yet. */
  context(): SecureContext {
    this.isGiven = true;
    const { pair, ca } = this;
    return { ...(pair && { cert: pair.cert, key: pair.key }), ...(ca !== undefined && { ca }) };
  }

  changed(pair: KeyPair): void {
    this.pair = pair;
    this.isGiven = false;
    this.metrics.expires('serving', pair.expires);
    this.give();
  }

  failed(error: Error): void {
    this.metrics.failed();
    this.log.error({ problem: error.message }, 'cannot read the certificate; keeping the last good one');
  }

  /** trust sets other CAs of clients. */
  trust(ca: string): void {
    this.ca = ca;
    this.server?.setSecureContext(this.context());
  }

  /** showOn updates a server that began with `context`, until the function that it returns is called. */
  showOn(server: SecureServer): () => void {
    this.server = server;
    this.give();
    return () => {
      this.server = undefined;
    };
  }

  private give(): void {
    if (this.server === undefined || this.pair === undefined || this.isGiven) return;
    this.server.setSecureContext(this.context());
    this.log.info({ expires: new Date(this.pair.expires).toISOString() }, 'certificate reloaded');
  }
}
