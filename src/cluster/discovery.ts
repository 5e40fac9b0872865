import type { DnsServer } from '../policy/dns/server.ts';
import type { ServiceFacts } from '../policy/snapshot.ts';
import { type EndpointSlice, Items, type Pod, readEndpointSlice, readPod } from './endpoints.ts';
import { dnsServerOf, type FoundDns } from './found-dns.ts';
import { NODE_LOCAL_DNS, nodeLocalDns } from './node-local-dns.ts';
import type { ObjectHandler } from './object-handler.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';
import { type CacheState, ReflectorGroup } from './reflector-group.ts';
import { ENDPOINT_SLICES, PODS, type Resource, SERVICES } from './resource.ts';
import type { Service } from './service.ts';
import { ServiceCache } from './service-cache.ts';

/** Everything that reflectors need but what they watch. */
export type ReflectorSetting = Omit<ReflectorOptions, 'resource' | 'handler' | 'labelSelector' | 'listFrom'>;

/**
 * Discovery finds cluster DNS (isDnsService says what counts), where it listens, and where the API server does. It
 * watches all Services, and of EndpointSlices and pods only those of the DNS Services found, of `default/kubernetes`,
 * and of NodeLocal DNSCache.
 */
export class Discovery {
  private readonly setting: ReflectorSetting;
  private readonly group = new ReflectorGroup();
  private readonly services: ServiceCache;
  private slices = new Map<string, Items<EndpointSlice>>();
  private pods = new Map<string, Items<Pod>>();
  private readonly nodeLocal: Items<Pod>;
  private readonly apiServer: Items<EndpointSlice>;
  private found: readonly DnsServer[] = [];
  private foundText = '';
  private facts: ServiceFacts | undefined;
  private dirty = true;
  private servicesDirty = true;
  private complete = false;

  constructor(setting: ReflectorSetting) {
    this.setting = setting;
    const changed = () => {
      this.dirty = true;
      this.servicesDirty = true;
    };
    this.nodeLocal = new Items(readPod, changed);
    this.apiServer = new Items(readEndpointSlice, changed);
    this.services = new ServiceCache(() => {
      changed();
      this.watchWhatIsFound(changed);
    });
    this.watchWhatIsFound(changed);
  }

  /** servers returns the DNS servers found; the same object until something about them changes. */
  servers(): readonly DnsServer[] {
    if (!this.dirty) return this.found;
    this.dirty = false;
    const cache = nodeLocalDns(this.nodeLocal.all);
    const found = this.services.dnsServices.map((service) => this.behind(service));
    const text = JSON.stringify([found, cache?.blocks], plain);
    if (text !== this.foundText) {
      this.foundText = text;
      this.found = [...found.map(dnsServerOf), ...(cache === undefined ? [] : [cache])];
    }
    return this.found;
  }

  /** serviceFacts returns the same object until something in it changes. */
  serviceFacts(): ServiceFacts {
    const known = this.facts;
    if (known !== undefined && !this.servicesDirty) return known;
    this.servicesDirty = false;
    const found = {
      ranges: this.services.ranges(this.apiServer.all.flatMap(({ addresses }) => addresses)),
      apiServerEndpoints: [...new Set(this.apiServer.all.flatMap(endpointsOf))].sort(),
    };
    this.facts = known !== undefined && areSame(known, found) ? known : found;
    return this.facts;
  }

  /**
   * states tells what has synced. Once all has, what is found later counts as synced from the start: a DNS Service that
   * comes or changes must not take the webhook out of service while its pods are listed.
   */
  states(): readonly CacheState[] {
    const states = this.group.states();
    this.complete ||= states.every((state) => state.synced);
    return states.map((state) => ({ ...state, synced: this.complete || state.synced }));
  }

  stop(): Promise<void> {
    return this.group.stop();
  }

  private behind(service: Service): FoundDns {
    return {
      service,
      slices: this.slices.get(slicesKey(service))?.all ?? [],
      pods: this.pods.get(podsKey(service))?.all ?? [],
    };
  }

  private watchWhatIsFound(changed: () => void): void {
    const wanted = new Map<string, () => Reflector>([
      ['services', this.reflect(SERVICES, this.services)],
      ['endpointslices default/kubernetes', this.reflect(slicesIn('default'), this.apiServer, ofService('kubernetes'))],
      ['pods node-local-dns', this.reflect({ ...PODS, namespace: 'kube-system' }, this.nodeLocal, NODE_LOCAL_DNS)],
    ]);
    const [oldSlices, oldPods] = [this.slices, this.pods];
    this.slices = new Map();
    this.pods = new Map();
    for (const service of this.services.dnsServices) {
      const { namespace, name, selector } = service;
      const slices = oldSlices.get(slicesKey(service)) ?? new Items(readEndpointSlice, changed);
      this.slices.set(slicesKey(service), slices);
      wanted.set(slicesKey(service), this.reflect(slicesIn(namespace), slices, ofService(name)));
      if (selector.size === 0) continue;
      const pods = oldPods.get(podsKey(service)) ?? new Items(readPod, changed);
      this.pods.set(podsKey(service), pods);
      wanted.set(podsKey(service), this.reflect({ ...PODS, namespace }, pods, selectorText(service)));
    }
    this.group.want(wanted);
  }

  private reflect(resource: Resource, handler: ObjectHandler, labelSelector = ''): () => Reflector {
    return () => new Reflector({ ...this.setting, resource, handler, labelSelector, listFrom: 'cache' });
  }
}

function slicesKey({ namespace, name }: Service): string {
  return `endpointslices ${namespace}/${name}`;
}

/** Services that select the same pods share them. */
function podsKey(service: Service): string {
  return `pods ${service.namespace} ${selectorText(service)}`;
}

function selectorText({ selector }: Service): string {
  return [...selector].map(([label, value]) => `${label}=${value}`).join(',');
}

function slicesIn(namespace: string): Resource {
  return { ...ENDPOINT_SLICES, namespace };
}

function ofService(name: string): string {
  return `kubernetes.io/service-name=${name}`;
}

function endpointsOf({ addresses, ports }: EndpointSlice): readonly string[] {
  return addresses.flatMap((ip) => ports.map(({ port }) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`));
}

function areSame(a: ServiceFacts, b: ServiceFacts): boolean {
  return a.ranges.equals(b.ranges) && a.apiServerEndpoints.join() === b.apiServerEndpoints.join();
}

/** Labels are Maps, which are nothing to JSON. */
function plain(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
