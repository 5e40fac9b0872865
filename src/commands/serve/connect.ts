import { UsageError } from '../../cli/command.ts';
import type { Connection, RequestObserver } from '../../cluster/cluster.ts';
import { readYaml } from '../../config/read-yaml.ts';
import { messageOf } from '../../objects/message-of.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';

/** netpol-guard's name in the API server's audit log. */
const USER_AGENT = 'netpol-guard';

const EMPTY = 'name another one with --kubeconfig';

/** ConnectOptions are the inputs for connecting to an API server. */
export interface ConnectOptions {
  /** Else KUBECONFIG, else ~/.kube/config where that counts, else the pod that this runs in. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Whether a person runs this, so that ~/.kube/config counts. */
  readonly readsHome?: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onRequest: RequestObserver;
}

/** ContactError explains why the cluster cannot be reached, and what to do. */
export class ContactError extends UsageError {}

/**
 * connect prepares to talk to an API server; nothing is sent yet. Only here is its client loaded. Throws ContactError
 * if it cannot tell which one.
 */
export async function connect({ log: logger, ...access }: ConnectOptions): Promise<Connection> {
  const { openConnection } = await import('../../cluster/cluster.ts');
  const parseYaml = (text: string, file: string) => readYaml(text, file, EMPTY).value;
  try {
    return openConnection({ ...access, logger, parseYaml, userAgent: USER_AGENT });
  } catch (cause) {
    throw new ContactError(messageOf(cause), { cause });
  }
}
