import { asList, asObject, asString, field, type Json } from '../../objects/fields.ts';
import type { Labels } from '../../sets/label-selector.ts';
import { type KubeObject, labelsOf, type ObjectKey } from '../watch/kube-object.ts';
import type { ObjectHandler } from '../watch/object-handler.ts';

/** NamedPort is a port of an EndpointSlice or of a container. */
export interface NamedPort {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** EndpointSlice is the targets of a Service's traffic: every address, at every port. */
export interface EndpointSlice {
  readonly addresses: readonly string[];
  readonly ports: readonly NamedPort[];
}

/** Pod is what discovery needs of one. */
export interface Pod {
  readonly labels: Labels;
  /** On the node's network, where no policy's podSelector reaches it. */
  readonly hostNetwork: boolean;
  readonly addresses: readonly string[];
  readonly ports: readonly NamedPort[];
  /** Of all its containers, in order. */
  readonly args: readonly string[];
}

/** Items keeps the objects of one small collection, read by `read`; `undefined` skips one. */
export class Items<T> implements ObjectHandler {
  private readonly byKey = new Map<string, T>();
  private readonly read: (object: KubeObject) => T | undefined;
  private readonly changed: () => void;

  constructor(read: (object: KubeObject) => T | undefined, changed: () => void) {
    this.read = read;
    this.changed = changed;
  }

  /** In the order of their names. */
  get all(): readonly T[] {
    return [...this.byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  }

  onAdd(object: KubeObject): void {
    const item = this.read(object);
    if (item === undefined) this.byKey.delete(object.name);
    else this.byKey.set(object.name, item);
    this.changed();
  }

  onUpdate(object: KubeObject): void {
    this.onAdd(object);
  }

  onDelete({ name }: ObjectKey): void {
    this.byKey.delete(name);
    this.changed();
  }
}

/** readEndpointSlice reads a discovery.k8s.io/v1 EndpointSlice. Throws InvalidObject. */
export function readEndpointSlice({ json }: KubeObject): EndpointSlice {
  const endpoints = asList(field(json, 'endpoints'), 'endpoints');
  return {
    addresses: endpoints.flatMap((endpoint, i) => {
      const path = `endpoints[${i}]`;
      return textsOf(field(asObject(endpoint, path), 'addresses'), `${path}.addresses`);
    }),
    ports: portsOf(field(json, 'ports'), 'ports', 'port'),
  };
}

/** readPod skips pods that have ended. */
export function readPod(object: KubeObject): Pod | undefined {
  const spec = asObject(field(object.json, 'spec'), 'spec');
  const status = asObject(field(object.json, 'status'), 'status');
  const phase = field(status, 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return undefined;
  const containers = asList(field(spec, 'containers'), 'spec.containers').map((item) => asObject(item, 'container'));
  return {
    labels: labelsOf(object),
    hostNetwork: field(spec, 'hostNetwork') === true,
    addresses: addressesIn(status),
    ports: containers.flatMap((container) => portsOf(field(container, 'ports'), 'ports', 'containerPort')),
    args: containers.flatMap((container) => [
      ...textsOf(field(container, 'command'), 'command'),
      ...textsOf(field(container, 'args'), 'args'),
    ]),
  };
}

/** Of both families; what is written by hand may have `podIP` only. */
function addressesIn(status: Json): readonly string[] {
  const listed = asList(field(status, 'podIPs'), 'status.podIPs').map((item, i) =>
    asString(field(asObject(item, 'podIP'), 'ip'), `status.podIPs[${i}].ip`),
  );
  const single = field(status, 'podIP');
  return listed.length > 0 || single === undefined ? listed : [asString(single, 'status.podIP')];
}

function portsOf(value: unknown, path: string, numberField: 'port' | 'containerPort'): readonly NamedPort[] {
  return asList(value, path).flatMap((item, i) => {
    const port = asObject(item, `${path}[${i}]`);
    const number = field(port, numberField);
    if (typeof number !== 'number') return [];
    return {
      name: asString(field(port, 'name') ?? '', `${path}[${i}].name`),
      protocol: asString(field(port, 'protocol') ?? 'TCP', `${path}[${i}].protocol`),
      port: number,
    };
  });
}

function textsOf(value: unknown, path: string): readonly string[] {
  return asList(value, path).map((item, i) => asString(item, `${path}[${i}]`));
}
