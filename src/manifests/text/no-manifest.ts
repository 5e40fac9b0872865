import { field, isObject, type Json } from '../../objects/fields.ts';
import { ReadTexts } from './held-policies.ts';
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

const FAILED = 'is an error message; the command before this one failed';
const MIXED = 'begins with a message of another program; keep standard error out of it: no 2>&1';

/** Output of programs that print no manifests; the first non-empty line identifies it. */
const OUTPUTS: readonly (readonly [RegExp, string])[] = [
  [
    /^[A-Z][A-Z-]*(?: {2,}|\t *)[A-Z]/,
    'is a table; let kubectl print manifests: kubectl get networkpolicies -A -o yaml',
  ],
  [/^Name: {2,}\S/, 'is what kubectl describe prints; let it print manifests: kubectl get networkpolicies -A -o yaml'],
  [
    /^(?:[\w./-]+: )*(?:error|fatal|panic)\b|^(?:unable to connect|could not find|the connection to the server|you must be logged in)\b/i,
    FAILED,
  ],
  // Shells name a command that is not there at the end, zsh and fish behind it.
  [
    /: (?:command )?not found(?:: \S+)?$|: unknown command: |: no such file or directory$|: permission denied$/i,
    FAILED,
  ],
  [/^(?:Get|Post) "https?:/, FAILED],
  [/^(?:warning: |flag --\S+ has been deprecated)/i, MIXED],
  // klog: severity, month and day, time.
  [/^[IWEF]\d{4} \d\d:\d\d:\d\d\./, MIXED],
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
  if (objects.some((object) => isOurs(object)) && isMixed(value)) return { message: MIXED, isMeantAsOne: true };
  if (objects.some(({ kind }) => kind !== '') || objects.some((object) => isOurs(object))) return undefined;
  const message = otherOutput(text);
  const items = field(value, 'items');
  return {
    message: message ?? 'is not a Kubernetes object: it has no kind',
    isMeantAsOne: message !== undefined || (Array.isArray(items) && holdsOurs(items)),
  };
}

/** A warning of kubectl before or behind a manifest is YAML too: a field of the object. */
function isMixed(value: Json): boolean {
  return Object.keys(value).some((key) => /^(?:Warning|WARNING)$/.test(key));
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
  const texts = new ReadTexts();
  return items.some((value) => openLists({ value, offset: 0 }, texts).some((object) => isOurs(object)));
}
