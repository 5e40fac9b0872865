import { usageErrorOf } from '../../cli/command.ts';
import type { Connection, RequestObserver } from '../../cluster/cluster.ts';
import { readYaml } from '../../config/read-yaml.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';

/** How the API server's audit log knows us. */
const USER_AGENT = 'netpol-guard';

/** ConnectOptions is what it takes to talk to an API server. */
export interface ConnectOptions {
  /** Else KUBECONFIG, else the pod that this runs in. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRequest: RequestObserver;
}

/**
 * connect makes ready to talk to an API server; nothing is sent yet. Only here is its client loaded. Throws UsageError
 * where there is no telling which one.
 */
export async function connect({ log: logger, ...access }: ConnectOptions): Promise<Connection> {
  const { openConnection } = await import('../../cluster/cluster.ts');
  const parseYaml = (text: string) => readYaml(text, 'kubeconfig').value;
  try {
    return openConnection({ ...access, logger, parseYaml, userAgent: USER_AGENT });
  } catch (cause) {
    throw usageErrorOf(cause);
  }
}
