import { Ajv, type DefinedError } from 'ajv';
import { childPath, printPath } from '../../objects/field-path.ts';
import { keysOf } from '../../objects/json-pointer.ts';
import { BadRequest } from './bad-request.ts';

/** The one version of the AdmissionReview API that is spoken. */
export const REVIEW_API_VERSION = 'admission.k8s.io/v1';

/** CONNECT is omitted: no judged resource supports it. */
const OPERATIONS = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** Operation is what a request does to an object. */
export type Operation = (typeof OPERATIONS)[number];

/** GroupVersionResource names what a request is about; the group of core resources is empty. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** AdmissionRequest is the request of a review, with optional fields filled in. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly resource: GroupVersionResource;
  /** Empty for the resource itself. */
  readonly subResource: string;
  readonly operation: Operation;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  /** Empty under `generateName`. */
  readonly name: string;
  readonly dryRun: boolean;
  readonly user: { readonly username: string; readonly groups: readonly string[] };
  /** The submitted object; present on CREATE and UPDATE, until forgetObjects. */
  readonly object: unknown;
  /** The stored object; present on UPDATE and DELETE, until forgetObjects. */
  readonly oldObject: unknown;
  /** Why the submitted object is too large to be read, if that was found out already and the object was dropped. */
  readonly tooLarge?: string | undefined;
  /** It is read and judged in pieces. */
  readonly isLarge?: boolean | undefined;
}

/**
 * forgetObjects releases the objects once they were read into something smaller: a waiting request must not hold
 * megabytes.
 */
export function forgetObjects(request: AdmissionRequest): void {
  Object.assign(request, { object: undefined, oldObject: undefined });
}

interface Envelope {
  request: {
    uid: string;
    resource: { group?: string; version: string; resource: string };
    subResource?: string | null | undefined;
    operation: Operation;
    namespace?: string | null | undefined;
    name?: string | null | undefined;
    dryRun?: boolean | null | undefined;
    userInfo?: { username?: string | null; groups?: string[] | null } | null | undefined;
    object?: unknown;
    oldObject?: unknown;
  };
}

/** Names are at most 253 characters (RFC 1123 subdomain); twice that leaves room for oddities, and logs stay small. */
const name = { type: 'string', maxLength: 512, nullable: true };
const word = { type: 'string', minLength: 1, maxLength: 512 };

/** A header or a certificate of a client has fewer. */
const MOST_GROUPS = 10_000;

const isEnvelope = new Ajv({ verbose: true, strictTypes: false, meta: false, validateSchema: false }).compile<Envelope>(
  {
    type: 'object',
    required: ['apiVersion', 'kind', 'request'],
    properties: {
      apiVersion: { const: REVIEW_API_VERSION },
      kind: { const: 'AdmissionReview' },
      request: {
        type: 'object',
        required: ['uid', 'resource', 'operation'],
        properties: {
          uid: word,
          resource: {
            type: 'object',
            required: ['version', 'resource'],
            properties: { group: { type: 'string', maxLength: 512 }, version: word, resource: word },
          },
          subResource: name,
          operation: { enum: OPERATIONS },
          namespace: name,
          name,
          dryRun: { type: 'boolean', nullable: true },
          userInfo: {
            type: 'object',
            nullable: true,
            properties: {
              username: { type: 'string', nullable: true },
              groups: { type: 'array', maxItems: MOST_GROUPS, items: { type: 'string' }, nullable: true },
            },
          },
        },
      },
    },
  },
);

/** parseAdmissionReview reads the JSON of a review. Throws BadRequest with the field that is wrong. */
export function parseAdmissionReview(body: unknown): AdmissionRequest {
  if (!isEnvelope(body)) throw new BadRequest(400, explain(firstError()));
  const parsed = filledIn(body.request);
  demandNamespace(parsed);
  if (parsed.operation === 'CREATE' || parsed.operation === 'UPDATE') demandObject(parsed, 'object');
  if (parsed.operation === 'UPDATE' || parsed.operation === 'DELETE') demandObject(parsed, 'oldObject');
  return parsed;
}

/** Null counts as missing, as it does for the API server. */
function filledIn({ resource, userInfo, ...request }: Envelope['request']): AdmissionRequest {
  const { uid, operation, subResource, namespace, name, dryRun, object, oldObject } = request;
  const { group = '', version, resource: plural } = resource;
  return {
    uid,
    resource: { group, version, resource: plural },
    subResource: subResource ?? '',
    operation,
    namespace: namespace ?? '',
    name: name ?? '',
    dryRun: dryRun ?? false,
    user: { username: userInfo?.username ?? '', groups: userInfo?.groups ?? [] },
    object: object ?? undefined,
    oldObject: oldObject ?? undefined,
  };
}

/** resourceText spells a resource as `networking.k8s.io/v1/networkpolicies`, or `v1/namespaces`. */
export function resourceText(request: AdmissionRequest): string {
  const { resource, subResource } = request;
  return `${apiVersionOf(request)}/${resource.resource}${subResource === '' ? '' : `/${subResource}`}`;
}

/** apiVersionOf returns the `apiVersion` of an object of the request. */
export function apiVersionOf({ resource: { group, version } }: AdmissionRequest): string {
  return group === '' ? version : `${group}/${version}`;
}

/** demandKind throws BadRequest if an object of the request claims to be of another kind. */
export function demandKind(request: AdmissionRequest, kind: string): void {
  const { object, oldObject } = request;
  const apiVersion = apiVersionOf(request);
  for (const [which, value] of Object.entries({ object, oldObject })) {
    if (typeof value !== 'object' || value === null) continue;
    const found = ['apiVersion' in value ? value.apiVersion : apiVersion, 'kind' in value ? value.kind : kind];
    if (found[0] === apiVersion && found[1] === kind) continue;
    const [foundVersion, foundKind] = found.map(kindOf);
    throw new BadRequest(
      400,
      `request.${which}: is ${foundKind} of ${foundVersion}, expected ${kind} of ${apiVersion}`,
    );
  }
}

/** RFC 1123, as Kubernetes names namespaces. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/**
 * An API server only sends objects of existing namespaces: it looks up their labels for the entry's selector first. A
 * new Namespace has its own name here, which is only validated after mutation.
 */
function demandNamespace(request: AdmissionRequest): void {
  const { namespace } = request;
  if (namespace === '' || DNS_LABEL.test(namespace) || resourceText(request) === 'v1/namespaces') return;
  throw new BadRequest(400, `request.namespace: is ${kindOf(namespace)}, expected the name of a namespace`);
}

function demandObject(request: AdmissionRequest, which: 'object' | 'oldObject'): void {
  const found = request[which];
  if (typeof found === 'object' && !Array.isArray(found)) return;
  const problem = found === undefined ? 'missing' : `is ${kindOf(found)}, expected an object`;
  throw new BadRequest(400, `request.${which}: ${problem}; operation ${request.operation} needs it`);
}

function firstError(): DefinedError | undefined {
  return (isEnvelope.errors as DefinedError[] | null | undefined)?.[0];
}

function explain(error: DefinedError | undefined): string {
  if (error === undefined) return 'not an AdmissionReview';
  const path = printPath(keysOf(error.instancePath));
  const at = path === '' ? 'the body' : path;
  switch (error.keyword) {
    case 'required':
      return `${childPath(path, error.params.missingProperty)}: missing`;
    case 'const':
      return `${at}: is ${kindOf(error.data)}, expected "${String(error.params.allowedValue)}"`;
    case 'enum':
      return `${at}: is ${kindOf(error.data)}, expected one of ${OPERATIONS.join(', ')}`;
    case 'type':
      return `${at}: is ${kindOf(error.data)}, expected ${withArticle(error.params.type)}`;
    case 'minLength':
      return `${at}: is empty`;
    default:
      return `${at}: ${error.message ?? 'not as expected'}`;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `"${value.length > 60 ? `${value.slice(0, 57)}...` : value}"`;
  return Array.isArray(value) ? 'an array' : withArticle(typeof value);
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
