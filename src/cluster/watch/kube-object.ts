import { asObject, asString, asStringMap, field, type Json } from '../../objects/fields.ts';
import { messageOf } from '../../objects/message-of.ts';
import type { Labels } from '../../sets/label-selector.ts';
import { MalformedAnswer } from '../api/api-error.ts';

/** KubeObject is an object of the API with what every kind has; `json` is the whole, without bookkeeping. */
export interface KubeObject {
  readonly name: string;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly json: Json;
}

/** ObjectKey names an object of one kind. */
export type ObjectKey = Pick<KubeObject, 'namespace' | 'name'>;

/** The annotation in which kubectl keeps a second copy of the object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** readObject reads what every object has, without managedFields and the last applied configuration. */
export function readObject(value: unknown): KubeObject {
  try {
    const json = asObject(value, 'object');
    const { managedFields: _, annotations, ...metadata } = asObject(field(json, 'metadata'), 'metadata');
    const namespace = field(metadata, 'namespace');
    const name = asString(field(metadata, 'name'), 'metadata.name');
    return {
      name,
      namespace: namespace === undefined ? '' : asString(namespace, 'metadata.namespace'),
      resourceVersion: asString(field(metadata, 'resourceVersion'), 'metadata.resourceVersion'),
      json: { ...json, metadata: { ...metadata, annotations: withoutLastApplied(annotations) } },
    };
  } catch (cause) {
    throw new MalformedAnswer(messageOf(cause), { cause });
  }
}

/** labelsOf reads the labels of an object. */
export function labelsOf({ json }: KubeObject): Labels {
  return asStringMap(field(asObject(field(json, 'metadata'), 'metadata'), 'labels'), 'metadata.labels');
}

/** keyText returns `namespace/name`, or only the name. */
export function keyText({ namespace, name }: ObjectKey): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}

/** keyOf reads keyText back. */
export function keyOf(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return { namespace: slash < 0 ? '' : text.slice(0, slash), name: text.slice(slash + 1) };
}

function withoutLastApplied(annotations: unknown): Json {
  const { [LAST_APPLIED]: _, ...rest } = asObject(annotations ?? {}, 'metadata.annotations');
  return rest;
}
