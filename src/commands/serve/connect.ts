import { setTimeout as sleep } from 'node:timers/promises';
import { usageErrorOf } from '../../cli/command.ts';
import type { Client } from '../../cluster/api/client.ts';
import type { RequestObserver } from '../../cluster/api/transport.ts';
import { readYaml } from '../../config/read-yaml.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';

/** How the API server's audit log knows us. */
const USER_AGENT = 'netpol-guard';

/** Access is what it takes to talk to an API server. */
export interface Access {
  /** Else KUBECONFIG, else the pod that this runs in. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
  readonly onRequest: RequestObserver;
}

/** Connection is a way to talk to one API server. */
export interface Connection {
  readonly client: Client;
  readonly clock: Clock;
  /** The API server's time, in milliseconds since the epoch. */
  readonly serverNow: () => number;
}

/**
 * connect makes ready to talk to an API server; nothing is sent yet. Only here is its client loaded. Throws UsageError
 * where there is no telling which one.
 */
export async function connect(access: Access): Promise<Connection> {
  const { kubeconfig, context, env, now, log, onRequest } = access;
  const [{ Client }, { loadCredentials }, { ServerTime }] = await Promise.all([
    import('../../cluster/api/client.ts'),
    import('../../cluster/access/load-credentials.ts'),
    import('../../cluster/api/server-time.ts'),
  ]);
  const clock: Clock = {
    now,
    elapsed: () => performance.now(),
    random: () => Math.random(),
    sleep: (ms, signal) => sleep(Math.max(0, ms), undefined, { signal }).catch(() => {}),
  };
  const time = new ServerTime(now, log);
  const onServerTime = (heard: number) => time.heard(heard);
  const client = new Client({ credentials: credentials(), clock, userAgent: USER_AGENT, onRequest, onServerTime });

  function credentials() {
    const parseYaml = (text: string) => readYaml(text, 'kubeconfig').value;
    try {
      const given = { ...(kubeconfig !== undefined && { kubeconfig }), ...(context !== undefined && { context }) };
      return loadCredentials({ ...given, env, parseYaml, clock });
    } catch (cause) {
      throw usageErrorOf(cause);
    }
  }

  return { client, clock, serverNow: () => time.now() };
}
