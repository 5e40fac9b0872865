import { field, isObject } from '../../objects/fields.ts';
import type { Located } from './located.ts';
import { type Opened, openLists } from './open-lists.ts';
import { isOurs } from './policy-kinds.ts';

/** NoManifest is the reason why kubectl would refuse a readable document. */
export interface NoManifest {
  readonly message: string;
  /**
   * Whether it was meant for a cluster, wherever it was found: files beside manifests also contain lists and settings.
   */
  readonly isMeantAsOne: boolean;
}

/** Output of programs that print no manifests; the first non-empty line identifies it. */
const OUTPUTS: readonly (readonly [RegExp, string])[] = [
  [
    /^[A-Z][A-Z-]*(?: {2,}|\t *)[A-Z]/,
    'is a table; let kubectl print manifests: kubectl get networkpolicies -A -o yaml',
  ],
  [/^Name: {2,}\S/, 'is what kubectl describe prints; let it print manifests: kubectl get networkpolicies -A -o yaml'],
  [
    /^(?:[\w./-]+: )*(?:error|fatal|panic)\b|^unable to connect\b|^the connection to the server\b|: (?:command )?not found$/i,
    'is an error message; the command before this one failed',
  ],
  [/^NAME: /, 'is what helm install prints; helm template prints manifests'],
  [/^no resources found\b/i, 'is a message of kubectl, which found nothing'],
  [/^<(?:!doctype|html|\?xml)\b/i, 'is a web page'],
];

/** otherOutput describes a text that some program printed instead of a manifest; undefined if it may be one. */
export function otherOutput(text: string): string | undefined {
  const first = /^.*\S.*$/m.exec(text.slice(0, 4096))?.[0].trim() ?? '';
  return OUTPUTS.find(([form]) => form.test(first))?.[1];
}

/**
 * noManifest explains why a document is not a Kubernetes object; undefined for those that are, and for null, which
 * kubectl skips. `objects` are those of the document.
 */
export function noManifest({ value }: Located, objects: readonly Opened[], text: string): NoManifest | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) return noList(value);
  if (!isObject(value)) return { message: otherOutput(text) ?? 'is plain text, not a manifest', isMeantAsOne: true };
  if (objects.some(({ kind }) => kind !== '') || objects.some((object) => isOurs(object))) return undefined;
  const message = otherOutput(text);
  const items = field(value, 'items');
  return {
    message: message ?? 'is not a Kubernetes object: it has no kind',
    isMeantAsOne: message !== undefined || (Array.isArray(items) && holdsOurs(items)),
  };
}

function noList(items: readonly unknown[]): NoManifest {
  if (items.length > 0 && items.every((item) => isObject(item) && 'op' in item && 'path' in item)) {
    return { message: 'is a JSON patch, not a manifest; lint what kustomize builds with it', isMeantAsOne: false };
  }
  return {
    message: 'is a list, which kubectl refuses; print its items as documents, or with "kind: List" around them',
    isMeantAsOne: holdsOurs(items),
  };
}

function holdsOurs(items: readonly unknown[]): boolean {
  return items.some((value) => openLists({ value, offset: 0 }).some((object) => isOurs(object)));
}
