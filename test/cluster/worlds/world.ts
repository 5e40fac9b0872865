import type { PolicyManifest } from '../../oracle/manifest.ts';
import type { Transport } from '../../oracle/matching.ts';
import { DNS_POD, dnsPortNames, type NamedPort, type PlainLabels, type PodDestination } from '../../oracle/places.ts';
import { ANSWERS, CLIENTS, DNS_PLACE, DNS_SERVICE, type DnsPort, OUTSIDE, type Place } from '../light/places.ts';

/** World is one state of the light form: all that a network plugin looks at, drawn at random. */
export interface World {
  /** Where the DNS pod listens. */
  readonly dnsPort: DnsPort;
  /** Labels of each namespace, beside its name. */
  readonly namespaces: Readonly<Record<string, PlainLabels>>;
  /** Labels of the clients, in the order of CLIENTS. */
  readonly clients: readonly PlainLabels[];
  readonly policies: readonly PolicyManifest[];
}

/** Target is whom a client asks: cluster DNS, or one of two resolvers outside. */
export type Target = 'dns' | 'documentation' | 'public';

/** TARGETS are the addresses that lookups go to, and what tells that the right one has answered. */
export const TARGETS: Readonly<Record<Target, { readonly server: string; readonly mark: string }>> = {
  dns: { server: DNS_SERVICE, mark: ANSWERS.cluster },
  documentation: { server: OUTSIDE.documentation, mark: ANSWERS.outside },
  public: { server: OUTSIDE.public, mark: ANSWERS.outside },
};

/** Question asks whether one client reaches one target over one transport. */
export interface Question {
  readonly client: Place;
  readonly target: Target;
  readonly transport: Transport;
}

/** QUESTIONS are asked of every world. */
export const QUESTIONS: readonly Question[] = CLIENTS.flatMap((client) =>
  (['dns', 'documentation', 'public'] as const).flatMap((target) =>
    (['UDP', 'TCP'] as const).map((transport) => ({ client, target, transport })),
  ),
);

/** Pod is a pod of a world as selectors, ports and blocks see it. */
export interface Pod extends PodDestination {
  readonly address: string;
  readonly ports: readonly NamedPort[];
}

/** clientIn describes a client with the labels that a world gives it. */
export function clientIn(world: World, client: Place): Pod {
  const { namespace, address, ports } = client;
  const labels = world.clients[CLIENTS.indexOf(client)] ?? {};
  return { namespace, namespaceLabels: labelsOf(world, namespace), labels, address, ports };
}

/** dnsPodIn describes the pod of cluster DNS. */
export function dnsPodIn(world: World): Pod {
  const { namespace, address } = DNS_PLACE;
  const ports = dnsPortNames(world.dnsPort);
  return { namespace, namespaceLabels: labelsOf(world, namespace), labels: DNS_POD.labels, address, ports };
}

/** podsIn lists all pods. */
export function podsIn(world: World): readonly Pod[] {
  return [...CLIENTS.map((client) => clientIn(world, client)), dnsPodIn(world)];
}

/** labelsOf returns all labels of a namespace: every one carries its name. */
export function labelsOf({ namespaces }: World, namespace: string): PlainLabels {
  return { ...namespaces[namespace], 'kubernetes.io/metadata.name': namespace };
}

/** portOf is the port that packets to a target have by the time that policies are looked at. */
export function portOf({ dnsPort }: World, target: Target): number {
  return target === 'dns' ? dnsPort : 53;
}

/** policiesOf lists the policies of one namespace. */
export function policiesOf({ policies }: World, namespace: string): readonly PolicyManifest[] {
  return policies.filter(({ metadata }) => metadata.namespace === namespace);
}
