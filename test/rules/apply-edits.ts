import { parseAllDocuments, stringify } from 'yaml';
import { type FieldPath, parsePath } from '../../src/objects/field-path.ts';
import type { Finding } from '../../src/policy/model/finding.ts';
import type { Edit } from '../../src/policy/model/fix.ts';

/** Manifest is one document, as plain data that a test may change. */
export type Manifest = { [key: string]: unknown };

type Container = { [key: string | number]: unknown };

/** readDocuments reads manifests; the items of a List become documents of their own. */
export function readDocuments(manifests: string): Manifest[] {
  const documents = parseAllDocuments(manifests).map((document) => document.toJS() as Manifest | null);
  return documents.flatMap((document) => {
    if (document === null) return [];
    return Array.isArray(document['items']) ? (document['items'] as Manifest[]) : [document];
  });
}

export function writeDocuments(documents: readonly Manifest[]): string {
  // As kubectl reads it: in YAML 1.1 a port called `no` needs its quotes.
  const asRead = { aliasDuplicateObjects: false, version: '1.1' } as const;
  return documents.map((document) => stringify(document, asRead)).join('---\n');
}

/** editsOf lists what a fix changes, in all of its steps. */
export function editsOf({ fix }: Finding): readonly Edit[] {
  return fix.steps.flatMap(({ edits }) => edits);
}

/** applyFix does to the manifests what a developer does who follows the fix. */
export function applyFix(documents: Manifest[], finding: Finding): void {
  const gone = Symbol('gone');
  const lists = new Set<unknown[]>();
  for (const edit of editsOf(finding)) {
    if (edit.kind === 'apply') {
      documents.push(structuredClone(edit.object) as Manifest);
      continue;
    }
    const path = parsePath(edit.path);
    const policy = policyOf(documents, finding, edit.policy);
    const parent = parentOf(policy, path);
    const last = path.at(-1) ?? '';
    if (edit.kind === 'set') parent[last] = structuredClone(edit.value);
    else if (edit.kind === 'add')
      parent[last] = [...((parent[last] as unknown[] | null | undefined) ?? []), ...structuredClone([...edit.items])];
    else if (Array.isArray(parent)) {
      parent[Number(last)] = gone;
      lists.add(parent);
    } else delete parent[last];
  }
  // Paths are those of the object as it was, so what goes from a list goes last.
  for (const list of lists) list.splice(0, list.length, ...list.filter((item) => item !== gone));
}

function parentOf(policy: Manifest, path: FieldPath): Container {
  let at: Container = policy;
  for (const step of path.slice(0, -1)) {
    if (at[step] === undefined) throw new Error(`${path.join('.')} leads nowhere`);
    at[step] ??= {};
    at = at[step] as Container;
  }
  return at;
}

function policyOf(documents: readonly Manifest[], { object }: Finding, name: string | undefined): Manifest {
  const wanted = name ?? object.name;
  const found = documents.find(({ kind, metadata }) => {
    const given = (metadata ?? {}) as { readonly name?: string; readonly namespace?: string };
    return kind === 'NetworkPolicy' && given.name === wanted && (given.namespace ?? 'default') === object.namespace;
  });
  if (found === undefined) throw new Error(`there is no policy ${wanted}`);
  return found;
}
