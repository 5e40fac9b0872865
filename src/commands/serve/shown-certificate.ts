import type { Logger } from '../../runtime/logger.ts';
import type { PollObserver } from '../../runtime/poll.ts';
import type { KeyPair } from '../../tls/x509/key-pair.ts';
import type { Metrics } from './metrics/admission.ts';

/** SecureContext is what Node shows of a server, and which CAs of clients it takes; PEM. */
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
 * ShownCertificate is the one place that hears of a serving certificate, wherever it comes from: it keeps it, tells metrics and
 * log, and gives it to the server that runs.
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

  /** context returns what to show now; without a certificate where there is none yet. */
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

  /** trust takes other CAs of clients. */
  trust(ca: string): void {
    this.ca = ca;
    this.server?.setSecureContext(this.context());
  }

  /** showOn gives a server that began with `context` what is new, until the function that it returns is called. */
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
