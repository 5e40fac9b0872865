import { field, isObject, type Json } from '../../objects/fields.ts';
import { changesPolicies } from './json-patch.ts';
import { UnreadableDocument } from './located.ts';
import { readDocument } from './read-document.ts';
import { splitDocuments } from './split-documents.ts';

/**
 * isPatchOfPolicies holds for a patch with its target, as in kustomizations and in what Flux and Argo CD pass to
 * kustomize, if it may be for NetworkPolicies: by the kind of its target or by its content. `valuesOf` reads its text.
 */
export function isPatchOfPolicies(value: Json, valuesOf: (patch: string) => readonly unknown[]): boolean {
  const patch = field(value, 'patch');
  const target = field(value, 'target');
  if (patch === undefined || !(target === undefined || isObject(target))) return false;
  const kind = target === undefined ? undefined : field(target, 'kind');
  const targetKind = typeof kind === 'string' ? kind : undefined;
  if (typeof patch !== 'string') return isObject(target) && changesPolicies(patch, targetKind);
  return valuesOf(patch).some((one) => (isObject(one) ? isPolicy(one) : changesPolicies(one, targetKind)));
}

function isPolicy(value: Json): boolean {
  return field(value, 'kind') === 'NetworkPolicy';
}

/** patchValues returns the documents of a patch. One that cannot be read patches nothing. */
export function patchValues(text: string): readonly unknown[] {
  try {
    return splitDocuments(text).map((chunk) => readDocument(chunk)?.value);
  } catch (error) {
    if (error instanceof UnreadableDocument) return [];
    throw error;
  }
}
