import type { Cluster, LeaderWrites } from '../cluster/cluster.ts';
import { foreignNameserver, settingFor } from '../policy/dns/nameserver.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import type { BaselineObserver } from './observer.ts';

/** ResolverCheckOptions are what a leader needs to maintain the record of cluster DNS. */
export interface ResolverCheckOptions {
  readonly cluster: Pick<Cluster, 'discoveredDns' | 'dnsRecord'>;
  readonly writes: Pick<LeaderWrites, 'writeDnsRecord'>;
  readonly settings: () => Settings;
  /** The nameservers of this pod; empty if they are not the cluster's. */
  readonly nameservers: readonly string[];
  readonly observer: Pick<BaselineObserver, 'resolverMismatch'>;
  /** Records a Warning Event in the own namespace. */
  readonly warn: (reason: string, message: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How soon a restart may come after a change and still know of it, in milliseconds. */
const LOOK_MS = 1000;
const RETRY_MS = 10_000;

/**
 * checkResolvers decides for one term whether pods use another nameserver than those found, and records for all
 * replicas what is known of cluster DNS whenever that changes, until the signal fires.
 */
export async function checkResolvers(options: ResolverCheckOptions, signal: AbortSignal): Promise<void> {
  const { cluster, clock } = options;
  const record = cluster.dnsRecord;
  let written = '';
  let told: string | undefined;
  while (!signal.aborted) {
    const mismatch = foreignNameserver(options.nameservers, cluster.discoveredDns());
    record.decide({ mismatch });
    // It is kept even if the operator configures cluster DNS, so that it counts at once when they no longer do.
    const toTell = options.settings().dns.servers.length > 0 ? undefined : mismatch;
    if (toTell !== told) tell(options, toTell);
    told = toTell;
    const state = JSON.stringify([record.memory.version, mismatch]);
    const stands = state === written && record.isAsWritten;
    const isWritten = stands || (await write(options, signal));
    if (isWritten) written = state;
    await clock.sleep(isWritten ? LOOK_MS : RETRY_MS, signal);
  }
  record.decide(undefined);
  options.observer.resolverMismatch(false);
}

async function write({ cluster, writes, logger }: ResolverCheckOptions, signal: AbortSignal): Promise<boolean> {
  try {
    await writes.writeDnsRecord(cluster.dnsRecord, signal);
    return true;
  } catch (err) {
    if (!signal.aborted) logger.warn({ err }, 'cannot store what is known of cluster DNS, retrying');
    return false;
  }
}

function tell({ cluster, observer, warn, logger }: ResolverCheckOptions, nameserver: string | undefined): void {
  observer.resolverMismatch(nameserver !== undefined);
  if (nameserver === undefined) {
    logger.info({}, "pods' nameserver is among the discovered DNS servers again");
    return;
  }
  const servers = cluster
    .discoveredDns()
    .map(({ name }) => name)
    .join(', ');
  const message =
    `pods are given the nameserver ${nameserver}, which is not among the DNS servers found (${servers}): no namespace is ` +
    `locked down that was not; name cluster DNS in the configuration, as in ${settingFor(nameserver)}`;
  logger.warn({ nameserver, servers }, message);
  warn('ResolverMismatch', message);
}
