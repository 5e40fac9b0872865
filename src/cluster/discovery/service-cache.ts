import { AddressSet } from '../../sets/address-set.ts';
import { parseAddress } from '../../sets/cidr.ts';
import { type KubeObject, keyText, type ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';
import { readService, type Service } from './service.ts';
import { addressValue, serviceRange } from './service-range.ts';

const KUBERNETES = 'default/kubernetes';

/** ServiceCache keeps the DNS Services, and only the ClusterIPs of all others. */
export class ServiceCache implements ObjectHandler {
  private readonly dns = new Map<string, Service>();
  private readonly addresses = new Map<string, readonly string[]>();
  private readonly isDns: (service: Service) => boolean;
  private readonly changed: () => void;
  private known: AddressSet | undefined;
  private nodes: readonly string[] = [];

  /** `changed` is called when a Service that `isDns` comes, goes or differs, and when the ranges do. */
  constructor(isDns: (service: Service) => boolean, changed: () => void) {
    this.isDns = isDns;
    this.changed = changed;
  }

  /** By name. */
  get dnsServices(): readonly Service[] {
    return [...this.dns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, service]) => service);
  }

  /**
   * ranges returns the ranges that ClusterIPs come from, one for each family; empty until `kubernetes` is known. `nodes`
   * are addresses that are known to be none of them: those of the API server's endpoints.
   */
  ranges(nodes: readonly string[]): AddressSet {
    if (this.known === undefined || this.nodes.join() !== nodes.join()) {
      this.nodes = nodes;
      const kubernetes = this.addresses.get(KUBERNETES) ?? [];
      const all = [...this.addresses.values()].flat();
      this.known = AddressSet.unionAll(
        kubernetes.map((ip) => serviceRange(ip, sameFamily(all, ip), sameFamily(nodes, ip))),
      );
    }
    return this.known;
  }

  onAdd(object: KubeObject): void {
    const key = keyText(object);
    const service = readService(object);
    this.addresses.set(key, service.clusterIPs);
    const widens = key === KUBERNETES || !service.clusterIPs.every((ip) => this.isInRange(ip));
    if (widens) this.known = undefined;
    const wasDns = this.dns.delete(key);
    const isDns = this.isDns(service);
    if (isDns) this.dns.set(key, service);
    if (widens || wasDns || isDns) this.changed();
  }

  onUpdate(object: KubeObject): void {
    this.onAdd(object);
  }

  /** The ranges stay as they are: a range does not shrink when the highest of its addresses is given back. */
  onDelete(object: ObjectKey): void {
    const key = keyText(object);
    this.addresses.delete(key);
    if (this.dns.delete(key)) this.changed();
  }

  private isInRange(ip: string): boolean {
    return this.known !== undefined && (parseAddress(ip)?.isSubset(this.known) ?? true);
  }
}

function sameFamily(ips: readonly string[], like: string): readonly bigint[] {
  return ips
    .filter((ip) => ip.includes(':') === like.includes(':'))
    .map(addressValue)
    .filter((value) => value !== undefined);
}
