import { parseAllDocuments, stringify } from 'yaml';
import { parsePath } from '../../src/objects/field-path.ts';
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
  applyFixes(documents, [finding]);
}

/**
 * applyFixes does to the manifests what a developer does who follows every fix of a message, from the first to the last. A step
 * that is there twice is done once. What an earlier fix removed or wrote differently is not looked for by its place, but by
 * what it says.
 */
export function applyFixes(documents: Manifest[], findings: readonly Finding[]): void {
  const written = structuredClone(documents);
  const untouched = new WeakSet<unknown[]>();
  collectLists(documents, untouched);
  const shortened = new Set<unknown[]>();
  const done = new Set<string>();
  for (const finding of findings) {
    for (const edit of editsOf(finding)) {
      const key = JSON.stringify([edit, finding.object]);
      if (done.has(key)) continue;
      done.add(key);
      if (edit.kind === 'apply') documents.push(structuredClone(edit.object) as Manifest);
      else {
        const place = placeOf(edit, { documents, written, untouched }, finding);
        if (place !== undefined) applyEdit(edit, place, shortened);
      }
    }
  }
  // Paths are those of the object as it was, so what goes from a list goes last.
  for (const list of shortened) list.splice(0, list.length, ...list.filter((item) => item !== GONE));
}

const GONE = Symbol('gone');

type EditInPlace = Exclude<Edit, { readonly kind: 'apply' }>;

interface Place {
  readonly parent: Container;
  readonly last: string | number;
}

function applyEdit(edit: EditInPlace, { parent, last }: Place, shortened: Set<unknown[]>): void {
  if (edit.kind === 'set') parent[last] = structuredClone(edit.value);
  else if (edit.kind === 'add') {
    const list = (parent[last] as unknown[] | null | undefined) ?? [];
    list.push(...structuredClone([...edit.items]));
    parent[last] = list;
  } else if (Array.isArray(parent)) {
    parent[Number(last)] = GONE;
    shortened.add(parent);
  } else delete parent[last];
}

function collectLists(value: unknown, lists: WeakSet<unknown[]>): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) lists.add(value);
  for (const part of Object.values(value)) collectLists(part, lists);
}

interface State {
  readonly documents: readonly Manifest[];
  /** As they were before any fix. */
  readonly written: readonly Manifest[];
  /** The lists that no fix replaced by another one. */
  readonly untouched: WeakSet<unknown[]>;
}

/** Where an edit belongs; undefined where an earlier fix removed that. */
function placeOf(edit: EditInPlace, { documents, written, untouched }: State, finding: Finding): Place | undefined {
  const path = parsePath(edit.path);
  let [now, was]: [unknown, unknown] = [
    policyOf(documents, finding, edit.policy),
    policyOf(written, finding, edit.policy),
  ];
  for (const [i, step] of path.entries()) {
    if (typeof now !== 'object' || now === null) {
      if (now === GONE) return undefined;
      throw new Error(`${edit.path} leads nowhere`);
    }
    const wasThere: unknown = (was as Container | undefined)?.[step];
    const isMoved = Array.isArray(now) && !untouched.has(now);
    const at: string | number = isMoved ? (now as unknown[]).findIndex((item) => isSame(item, wasThere)) : step;
    if (at === -1 || (now as Container)[at] === GONE) return undefined;
    if (i === path.length - 1) return { parent: now as Container, last: at };
    [now, was] = [(now as Container)[at], wasThere];
  }
  throw new Error('an edit has a path');
}

/** A port without a protocol is one of TCP. */
function isSame(one: unknown, other: unknown): boolean {
  const spelled = (item: unknown) =>
    JSON.stringify(Object.entries({ protocol: 'TCP', ...(item as object) }).sort(([a], [b]) => (a < b ? -1 : 1)));
  return spelled(one) === spelled(other);
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
