import { randomBytes } from 'node:crypto';
import type { Probe } from '../probe/driver.ts';
import type { Failure } from '../probe/operation.ts';
import { ANSWER_OF_A_POD } from './actor-objects.ts';
import type { ActorName } from './actors.ts';
import { K3S_ADDRESS, LARGE } from './target-objects.ts';

/** Places are the addresses that differ from cluster to cluster. */
export interface Places {
  readonly clusterDns: string;
  readonly outside: string;
  /** The address of the API server's endpoint; its port is 6443. */
  readonly apiServer: string;
  addressOf(actor: ActorName): string;
}

/** Outcome of trying a target: it is reached where what answers is what was asked for, and nothing else will do. */
export type Outcome = 'reached' | Failure | `said ${string}`;

/** Target is something that a pod may try to reach. */
export type Target = (probe: Probe, places: Places) => Promise<Outcome>;

/** A lost datagram is asked for again; what a firewall drops costs this twice. */
const PATIENCE = { timeoutMs: 1000, tries: 2 };
/** getaddrinfo waits five seconds for each server before it asks again (resolv.conf(5)); refusals come at once. */
const RESOLVER_PATIENCE = 3000;

const KUBERNETES = 'kubernetes.default.svc.cluster.local';
const KUBERNETES_ADDRESS = '10.96.0.1';
const SERVFAIL = 2;
/** What the resolver out on the Internet answers, whatever the name. */
const ANSWER_OF_THE_INTERNET = '198.51.100.80';

const lookup =
  (protocol: 'udp' | 'tcp', server: (places: Places) => string, name: () => string, answer: string): Target =>
  async (probe, places) => {
    const said = await probe.ask('lookup', { server: server(places), protocol, name: name(), ...PATIENCE });
    if (said.outcome === 'answer') {
      return said.addresses.join() === answer ? 'reached' : `said ${said.addresses.join()}`;
    }
    return said.outcome === 'rcode' ? `said rcode ${said.rcode}` : said.outcome;
  };

/** What is carried out is in the name, so no two names are the same, and no cache knows one. */
const tunnelled = () => `${randomBytes(8).toString('hex')}.attacker.example`;

const kubernetes = () => KUBERNETES;

/** A server that is up and cannot ask further says SERVFAIL (RFC 1035, 4.1.1), once it has given up. */
const forwarded: Target = async (probe, { clusterDns: server }) => {
  const ask = { server, protocol: 'udp', name: tunnelled(), timeoutMs: 8000 } as const;
  const said = await probe.ask('lookup', ask);
  if (said.outcome === 'answer')
    return said.addresses.join() === ANSWER_OF_THE_INTERNET ? 'reached' : `said ${said.addresses.join()}`;
  if (said.outcome === 'rcode') return said.rcode === SERVFAIL ? 'unreachable' : `said rcode ${said.rcode}`;
  return said.outcome;
};

const connection =
  (host: (places: Places) => string, port: number): Target =>
  async (probe, places) => {
    const { outcome } = await probe.ask('connect', { host: host(places), port, timeoutMs: PATIENCE.timeoutMs });
    return outcome === 'open' ? 'reached' : outcome;
  };

const name =
  (asked: string, isRight: (addresses: readonly string[]) => boolean): Target =>
  async (probe) => {
    const said = await probe.ask('resolve', { name: asked, timeoutMs: RESOLVER_PATIENCE });
    if (said.outcome === 'timeout') return 'timeout';
    // EAI_AGAIN is "no server answered"; a server that says no is another thing (getaddrinfo(3)).
    if (said.outcome === 'failed') return said.code === 'EAI_AGAIN' ? 'refused' : `said ${said.code}`;
    return isRight(said.addresses) ? 'reached' : `said ${said.addresses.join()}`;
  };

const dns = (places: Places) => places.clusterDns;
const outside = (places: Places) => places.outside;
const at = (address: string) => () => address;
const pod = (actor: ActorName) => (places: Places) => places.addressOf(actor);

/** TARGETS are all that the tables speak of. What differs by transport ends in it. */
export const TARGETS = {
  'dns/udp': lookup('udp', dns, kubernetes, KUBERNETES_ADDRESS),
  'dns/tcp': lookup('tcp', dns, kubernetes, KUBERNETES_ADDRESS),
  /** A name of the Internet, by cluster DNS. */
  'an outside name': forwarded,
  /** As an application resolves, by /etc/resolv.conf. */
  'a name': name(KUBERNETES, (addresses) => addresses.join() === KUBERNETES_ADDRESS),
  'a name with a large answer': name(
    `${LARGE.name}.${LARGE.namespace}.svc.cluster.local`,
    (addresses) => new Set(addresses).size === LARGE.addresses,
  ),
  'outside/udp': lookup('udp', outside, tunnelled, ANSWER_OF_THE_INTERNET),
  'outside/tcp': lookup('tcp', outside, tunnelled, ANSWER_OF_THE_INTERNET),
  'outside:443': connection(outside, 443),
  'outside:853': connection(outside, 853),
  'outside:8080': connection(outside, 8080),
  '8.8.8.8/udp': lookup('udp', at('8.8.8.8'), tunnelled, ANSWER_OF_THE_INTERNET),
  '8.8.8.8/tcp': lookup('tcp', at('8.8.8.8'), tunnelled, ANSWER_OF_THE_INTERNET),
  '9.9.9.9:853': connection(at('9.9.9.9'), 853),
  /** An API server that lives out of the cluster. */
  '172.20.7.4:6443': connection(at('172.20.7.4'), 6443),
  'API server by its Service': connection(at(KUBERNETES_ADDRESS), 443),
  'API server by a Service of 10.43.0.0/16': connection(at(K3S_ADDRESS), 443),
  'API server by its endpoint': connection((places) => places.apiServer, 6443),
  'rogue/udp': lookup('udp', pod('rogue'), tunnelled, ANSWER_OF_THE_INTERNET),
  'rogue/tcp': lookup('tcp', pod('rogue'), tunnelled, ANSWER_OF_THE_INTERNET),
  'neighbour/udp': lookup('udp', pod('neighbour'), tunnelled, ANSWER_OF_A_POD),
  'neighbour/tcp': lookup('tcp', pod('neighbour'), tunnelled, ANSWER_OF_A_POD),
  'stray/udp': lookup('udp', pod('stray'), tunnelled, ANSWER_OF_A_POD),
  'stray/tcp': lookup('tcp', pod('stray'), tunnelled, ANSWER_OF_A_POD),
  'twin/udp': lookup('udp', pod('twin'), tunnelled, ANSWER_OF_A_POD),
  'twin/tcp': lookup('tcp', pod('twin'), tunnelled, ANSWER_OF_A_POD),
  'agent:8080': connection(pod('agent'), 8080),
  'web:8080': connection(pod('web'), 8080),
  'gateway:8080': connection(pod('gateway'), 8080),
  'database:5432': connection(pod('database'), 5432),
  'database:8080': connection(pod('database'), 8080),
  'store-web:8080': connection(pod('store-web'), 8080),
  'store-api:8080': connection(pod('store-api'), 8080),
  'store-db:5432': connection(pod('store-db'), 5432),
  'controller:8443': connection(pod('controller'), 8443),
} as const satisfies Readonly<Record<string, Target>>;

export type TargetName = keyof typeof TARGETS;
