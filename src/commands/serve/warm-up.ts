import { setImmediate as turn } from 'node:timers/promises';
import { readNetworkPolicy } from '../../policy/dialects/network-policy/network-policy.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Settings } from '../../policy/model/settings.ts';
import type { ClusterSnapshot, DnsFacts } from '../../policy/model/snapshot.ts';
import type { Logger } from '../../runtime/logger.ts';
import { sleep } from '../../runtime/sleep.ts';

/** A namespace of fewer policies is indexed within a request, unnoticed. */
const LARGE = 200;
/** How soon the indexes follow a change of cluster DNS or of the configuration, in milliseconds. */
const INTERVAL_MS = 1000;

/** WarmUpOptions are what keepWarm follows. */
export interface WarmUpOptions {
  /** Everything in it must have synced. */
  readonly snapshot: () => ClusterSnapshot;
  readonly settings: () => Settings;
  readonly log: Logger;
  /** Called once, when every large namespace has its indexes. */
  readonly onWarm: () => void;
}

/**
 * keepWarm builds the indexes of large namespaces, at once and whenever cluster DNS or the settings change, so that no
 * request pays for it. Namespaces take turns with requests. It ends when the signal fires.
 */
export async function keepWarm({ snapshot, settings, log, onWarm }: WarmUpOptions, signal: AbortSignal): Promise<void> {
  let known: DnsFacts | undefined;
  while (!signal.aborted) {
    const { dns } = snapshot();
    if (dns !== known) {
      const names = [...snapshot().namespacesWithPolicies()];
      for (const name of names.filter((namespace) => snapshot().policies(namespace).size >= LARGE)) {
        if (signal.aborted) return;
        warm(name, snapshot(), settings(), log);
        await turn();
      }
      if (known === undefined) onWarm();
      known = dns;
    }
    await sleep(INTERVAL_MS, signal);
  }
}

/** Together they use every index: each asks for those that the others do not need. */
const PROBES: readonly object[] = [
  [],
  [{}],
  [{ to: [{ ipBlock: { cidr: '8.8.8.8/32' } }], ports: [{ port: 53 }] }],
].map((egress) => ({
  metadata: { name: 'warm-up' },
  spec: { podSelector: { matchLabels: { app: 'warm-up' } }, policyTypes: ['Egress'], egress },
}));

function warm(namespace: string, snapshot: ClusterSnapshot, settings: Settings, log: Logger): void {
  try {
    for (const probe of PROBES) {
      const after = readNetworkPolicy(probe, namespace);
      evaluate({ operation: 'CREATE', namespace, after }, snapshot, settings, 0);
    }
  } catch (err) {
    log.error({ err, namespace }, 'internal error: building indexes ahead failed');
  }
}
