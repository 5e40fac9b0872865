import { field, isObject, type Json } from '../../objects/fields.ts';
import { otherPolicyApi } from '../../policy/dialects/other-policy-apis.ts';
import { heldPolicies } from './held-policies.ts';
import { type Located, offsetOf, UnreadableDocument } from './located.ts';

/** Opened is one object of a document. */
export interface Opened {
  readonly value: Json;
  /** Empty if neither the object nor its list has one. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Path of the object in its document, such as `items[3]`; empty for the document itself. */
  readonly path: string;
  /** Paths of NetworkPolicies within it that change before they reach the cluster; none in most objects. */
  readonly holds: readonly string[];
}

/**
 * openLists returns the objects of a document. For kubectl (unstructuredJSONScheme in k8s.io/apimachinery,
 * FlattenListVisitor in k8s.io/cli-runtime) every document with `items` is a list of them, whatever its kind. An object
 * of a relevant kind that is such a list is returned too, so that its fault is reported. So are the NetworkPolicies in
 * an object that reach the cluster unchanged. Throws UnreadableDocument.
 */
export function openLists(document: Located): readonly Opened[] {
  const { value } = document;
  if (!isObject(value)) return [];
  const itself = opened(value, '');
  const items = field(value, 'items');
  if (itself.kind === '' || (items !== null && !Array.isArray(items))) return withHeld(itself);
  const listed = (items ?? []).flatMap((item: unknown, i) =>
    withHeld(itemOf(itself, item ?? {}, `items[${i}]`, document)),
  );
  return otherPolicyApi(itself.apiVersion, itself.kind) === undefined ? [itself, ...listed] : listed;
}

/** Items without apiVersion and kind take them from their list, whose kind need not end in -List. */
function itemOf(list: Opened, value: unknown, path: string, document: Located): Opened {
  const refuse = (why: string) => {
    throw new UnreadableDocument(`${path} is ${why}, so kubectl refuses the whole list`, offsetOf(document, path));
  };
  if (!isObject(value)) return refuse('not an object');
  if (Array.isArray(field(value, 'items'))) return refuse('a list itself');
  const item = opened(value, path);
  if (item.kind !== '' || item.apiVersion !== '') return item;
  return { ...item, apiVersion: list.apiVersion, kind: list.kind.replace(/List$/, '') };
}

function withHeld(holder: Opened): readonly Opened[] {
  const { asTheyWillBe, others } = heldPolicies(holder);
  const prefix = holder.path === '' ? '' : `${holder.path}.`;
  return [{ ...holder, holds: others }, ...asTheyWillBe.map(({ value, path }) => opened(value, `${prefix}${path}`))];
}

function opened(value: Json, path: string): Opened {
  return { value, apiVersion: textOf(field(value, 'apiVersion')), kind: textOf(field(value, 'kind')), path, holds: [] };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
