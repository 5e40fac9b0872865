import type { DnsServer } from '../../policy/model/dns-server.ts';
import type { ServiceFacts } from '../../policy/model/snapshot.ts';
import { ENDPOINT_SLICES, PODS, type Resource, SERVICES } from '../api/resource.ts';
import type { KubeObject } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';
import { Reflector, type ReflectorOptions } from '../watch/reflector.ts';
import { type CacheState, ReflectorGroup } from '../watch/reflector-group.ts';
import type { DnsEndpoints } from './dns-endpoints.ts';
import { isDnsService } from './dns-service.ts';
import { type EndpointSlice, Items, type Pod, readEndpointSlice, readPod } from './endpoints.ts';
import { dnsServerOf, endpointsOf } from './found-dns.ts';
import { cacheInPods, cacheOnNodes, cacheServer, NODE_LOCAL_DNS } from './node-local-dns.ts';
import type { ResolverMemory } from './resolver-memory.ts';
import type { Service } from './service.ts';
import { ServiceCache } from './service-cache.ts';

/** Everything that reflectors need except what they watch. */
export type ReflectorSetting = Omit<ReflectorOptions, 'resource' | 'handler' | 'labelSelector' | 'listFrom'>;

/** Where discovery looks, and what it remembers of what it saw. */
export interface DiscoveryPlace {
  readonly namespaces: readonly string[];
  readonly memory: ResolverMemory;
}

/**
 * FoundServer is a DNS server with everything that its description depends on, as plain JSON: comparing that is cheap.
 */
interface FoundServer {
  readonly server: DnsServer;
  readonly rests: unknown;
}

/**
 * A cache has no Service that shows whether it should exist: for this long after its last pod, its absence is treated
 * as a crash.
 */
const CACHE_KEPT_MS = 24 * 3_600_000;
/** How often to look whether that time is over. */
const RECHECK_MS = 60_000;

/**
 * Discovery finds cluster DNS (isDnsService says what counts) in the namespaces that the operator names, where it
 * listens, and where the API server does. It watches all Services, and of EndpointSlices and pods only those of the DNS
 * Services found, of `default/kubernetes`, and of NodeLocal DNSCache. A DNS Service counts if something is behind it,
 * or was within the remembered time.
 */
export class Discovery {
  private readonly setting: ReflectorSetting;
  private readonly place: DiscoveryPlace;
  private readonly group = new ReflectorGroup();
  private readonly services: ServiceCache;
  private slices = new Map<string, Items<EndpointSlice>>();
  private pods = new Map<string, Items<Pod>>();
  private readonly caches: ReadonlyMap<string, Items<Pod>>;
  private readonly apiServer: Items<EndpointSlice>;
  private found: readonly DnsServer[] = [];
  private foundText = '';
  private facts: ServiceFacts | undefined;
  private dirty = true;
  private recheckAt = Number.POSITIVE_INFINITY;
  /** Of the memory. */
  private seenVersion = 0;
  private servicesDirty = true;
  private complete = false;

  constructor(setting: ReflectorSetting, place: DiscoveryPlace) {
    this.setting = setting;
    this.place = place;
    const changed = () => {
      this.dirty = true;
      this.servicesDirty = true;
    };
    this.caches = new Map(place.namespaces.map((namespace) => [namespace, new Items(readPod, changed)]));
    this.apiServer = new Items(readApiServerEndpoints, changed);
    const isDns = (service: Service) => isDnsService(service, place.namespaces);
    this.services = new ServiceCache(isDns, () => {
      changed();
      this.watchWhatIsFound(changed);
    });
    this.watchWhatIsFound(changed);
  }

  /** servers returns the DNS servers found; the same object until something about them changes. */
  servers(): readonly DnsServer[] {
    const now = this.setting.clock.elapsed();
    const { memory } = this.place;
    if (!this.dirty && now < this.recheckAt && memory.version === this.seenVersion) return this.found;
    this.dirty = false;
    this.recheckAt = Number.POSITIVE_INFINITY;
    const found = [...this.serversOfServices(now), ...this.serversOfCaches(now)];
    this.seenVersion = memory.version;
    const text = JSON.stringify(found.map(({ rests }) => rests));
    if (text !== this.foundText) {
      this.foundText = text;
      this.found = found.map(({ server }) => server);
    }
    return this.found;
  }

  /** idleServices names the DNS Services that are no resolvers, since nothing is or was behind them. */
  idleServices(): readonly string[] {
    const found = new Set(this.servers().map(({ name }) => name));
    return this.services.dnsServices
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .filter((it) => !found.has(it));
  }

  /** serviceFacts returns the same object until something in it changes. */
  serviceFacts(): ServiceFacts {
    const known = this.facts;
    if (known !== undefined && !this.servicesDirty) return known;
    this.servicesDirty = false;
    const found = {
      ranges: this.services.ranges(this.apiServer.all.flatMap(({ addresses }) => addresses)),
      apiServerEndpoints: [...new Set(this.apiServer.all.flatMap(socketsOf))].sort(),
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

  private serversOfServices(now: number): readonly FoundServer[] {
    return this.services.dnsServices.flatMap((service) => {
      const { namespace, name, clusterIPs } = service;
      const slices = this.slices.get(slicesKey(service))?.all ?? [];
      const pods = this.pods.get(podsKey(service))?.all ?? [];
      const live = endpointsOf({ service, slices, pods });
      const endpoints = this.place.memory.recall(`${namespace}/${name}`, live, now);
      if (endpoints === undefined) return [];
      return { server: dnsServerOf(service, endpoints), rests: [namespace, name, clusterIPs, endpoints] };
    });
  }

  private serversOfCaches(now: number): readonly FoundServer[] {
    const serviceIPs = this.services.dnsServices.flatMap(({ clusterIPs }) => clusterIPs);
    return [...this.caches].flatMap(([namespace, { all }]) => [
      ...this.serverOfCache(namespace, 'on nodes', cacheOnNodes(all, serviceIPs), now),
      ...this.serverOfCache(namespace, 'in pods', cacheInPods(all), now),
    ]);
  }

  private serverOfCache(
    namespace: string,
    where: 'on nodes' | 'in pods',
    live: DnsEndpoints | undefined,
    now: number,
  ): readonly FoundServer[] {
    const endpoints = this.place.memory.recall(`${namespace} cache ${where}`, live, now, CACHE_KEPT_MS);
    if (endpoints === undefined) return [];
    if (live === undefined) this.recheckAt = now + RECHECK_MS;
    return [{ server: cacheServer(namespace, endpoints), rests: [namespace, endpoints] }];
  }

  private watchWhatIsFound(changed: () => void): void {
    const wanted = new Map<string, () => Reflector>([
      ['services', this.reflect(SERVICES, this.services)],
      ['endpointslices default/kubernetes', this.reflect(slicesIn('default'), this.apiServer, ofService('kubernetes'))],
    ]);
    for (const [namespace, pods] of this.caches) {
      const start = this.reflect({ ...PODS, namespace }, pods, NODE_LOCAL_DNS);
      wanted.set(`pods ${namespace} node-local-dns`, start);
    }
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

function socketsOf({ addresses, ports }: EndpointSlice): readonly string[] {
  return addresses.flatMap((ip) => ports.map(({ port }) => `${ip.includes(':') ? `[${ip}]` : ip}:${port}`));
}

function areSame(a: ServiceFacts, b: ServiceFacts): boolean {
  return a.ranges.equals(b.ranges) && a.apiServerEndpoints.join() === b.apiServerEndpoints.join();
}

/** The API server keeps one of that name. A user who may create others in `default` must not pose as the API server. */
function readApiServerEndpoints(object: KubeObject): EndpointSlice | undefined {
  return object.name === 'kubernetes' ? readEndpointSlice(object) : undefined;
}
