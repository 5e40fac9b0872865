import { field, isObject } from '../../src/objects/fields.ts';

/** UID is that of every review, unless a test says otherwise. */
export const UID = '705ab4f5-6393-11e8-b7cc-42010a800002';

const NETWORKING = { group: 'networking.k8s.io', version: 'v1' };
const CORE = { group: '', version: 'v1' };
const KINDS = {
  networkpolicies: { ...NETWORKING, kind: 'NetworkPolicy' },
  namespaces: { ...CORE, kind: 'Namespace' },
  pods: { ...CORE, kind: 'Pod' },
} as const;
const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** AdmissionReview is what an API server posts to a webhook. */
export interface AdmissionReview {
  readonly kind: 'AdmissionReview';
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly request: Readonly<Record<string, unknown>>;
}

/**
 * admissionReview returns a review as kube-apiserver writes it: its members and their order, `null` for an object that
 * the operation does not have, and the name and namespace of the object. The operation follows from the objects. Whatever
 * `request` holds is sent as it is, so that a test can also send what no API server would.
 * Source: k8s.io/api/admission/v1 and apiserver's plugin/webhook/request/admissionreview.go.
 */
export function admissionReview(
  resource: keyof typeof KINDS,
  request: Readonly<Record<string, unknown>>,
): AdmissionReview {
  const { object = null, oldObject = null } = request;
  const { operation = operationOf(object, oldObject) } = request;
  const kind = KINDS[resource];
  const gvr = { group: kind.group, version: kind.version, resource };
  const { name, namespace } = metadataOf(object ?? oldObject);
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: UID,
      kind,
      resource: gvr,
      requestKind: kind,
      requestResource: gvr,
      name,
      namespace: resource === 'namespaces' ? name : namespace,
      operation,
      userInfo: { username: 'dev', groups: ['system:authenticated'] },
      object,
      oldObject,
      dryRun: false,
      options: { kind: optionsOf(operation), apiVersion: 'meta.k8s.io/v1' },
      ...request,
    },
  };
}

function operationOf(object: unknown, oldObject: unknown): keyof typeof OPTIONS {
  if (object === null) return 'DELETE';
  return oldObject === null ? 'CREATE' : 'UPDATE';
}

function optionsOf(operation: unknown): string {
  return operation === 'UPDATE' || operation === 'DELETE' ? OPTIONS[operation] : OPTIONS.CREATE;
}

function metadataOf(object: unknown): { readonly name: unknown; readonly namespace: unknown } {
  const metadata = isObject(object) ? field(object, 'metadata') : undefined;
  return isObject(metadata)
    ? { name: field(metadata, 'name'), namespace: field(metadata, 'namespace') }
    : { name: undefined, namespace: undefined };
}
