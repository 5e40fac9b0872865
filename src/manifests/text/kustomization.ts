import { field, isObject } from '../../objects/fields.ts';
import type { DecodedDocument } from './located.ts';

/** KUSTOMIZE is the API group of kustomizations. */
export const KUSTOMIZE = 'kustomize.config.k8s.io';

/** PATCHES are the fields in which a kustomization has patches, or names their files. */
export const PATCHES = ['patches', 'patchesStrategicMerge', 'patchesJson6902'];

/** asKustomization gives a kustomization the kind that it may leave out; other documents are returned as they are. */
export function asKustomization(document: DecodedDocument): DecodedDocument {
  const { value } = document;
  if (!isObject(value) || field(value, 'kind') !== undefined || field(value, 'spec') !== undefined) return document;
  if (!PATCHES.some((key) => Array.isArray(field(value, key)))) return document;
  return { ...document, value: { ...value, apiVersion: `${KUSTOMIZE}/v1beta1`, kind: 'Kustomization' } };
}
