import { asList, asObject, asString, asStringMap, field } from '../../objects/fields.ts';
import type { Labels } from '../../sets/label-selector.ts';
import { type KubeObject, labelsOf } from '../watch/kube-object.ts';

/** ServicePort is a port of a Service. */
export interface ServicePort {
  /** Empty if the Service has a single, unnamed port. */
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  /** A number, or the name of a container port. */
  readonly targetPort: number | string;
}

/** Service is what discovery needs of one. */
export interface Service {
  readonly namespace: string;
  readonly name: string;
  /** Without `None`. */
  readonly clusterIPs: readonly string[];
  readonly selector: Labels;
  readonly ports: readonly ServicePort[];
  readonly labels: Labels;
}

/**
 * readService reads one of type ExternalName as only a name: the API server uses neither its selector nor its ports.
 */
export function readService(object: KubeObject): Service {
  const whole = asObject(field(object.json, 'spec'), 'spec');
  const spec = field(whole, 'type') === 'ExternalName' ? {} : whole;
  const single = field(spec, 'clusterIP');
  const addresses = asList(field(spec, 'clusterIPs') ?? (single === undefined ? [] : [single]), 'spec.clusterIPs');
  return {
    namespace: object.namespace,
    name: object.name,
    clusterIPs: addresses.map((ip, i) => asString(ip, `spec.clusterIPs[${i}]`)).filter((ip) => ip !== 'None'),
    selector: asStringMap(field(spec, 'selector'), 'spec.selector'),
    ports: asList(field(spec, 'ports'), 'spec.ports').map((port, i) => readPort(port, `spec.ports[${i}]`)),
    labels: labelsOf(object),
  };
}

function readPort(value: unknown, path: string): ServicePort {
  const object = asObject(value, path);
  const port = Number(field(object, 'port'));
  const target = field(object, 'targetPort');
  return {
    name: asString(field(object, 'name') ?? '', `${path}.name`),
    protocol: asString(field(object, 'protocol') ?? 'TCP', `${path}.protocol`),
    port,
    targetPort: typeof target === 'string' || typeof target === 'number' ? target : port,
  };
}
