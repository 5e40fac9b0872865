import { type FieldPath, parsePath } from '../../objects/field-path.ts';
import { isObject } from '../../objects/fields.ts';
import { isSameJson } from '../../objects/same-json.ts';
import type { Edit } from '../../policy/model/fix.ts';
import { NotEditable } from './not-editable.ts';

/** ValueEdit is an edit of an existing value. */
export type ValueEdit = Exclude<Edit, { readonly kind: 'apply' }>;

type AddEdit = Extract<Edit, { readonly kind: 'add' }>;

/** Change is the combined effect of several edits on one value. */
export type Change =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'remove' }
  | {
      readonly kind: 'inside';
      /** By key or index as it was written. */
      readonly children: Map<string, Change>;
      /** At the end of the list. */
      readonly added: unknown[];
      /** Whether an edit names the whole value, so that parts shared with others may be written out. */
      readonly isWhole: boolean;
    };

/** Inside is a change of parts of a list or an object. */
export type Inside = Extract<Change, { readonly kind: 'inside' }>;

/** changeOf collects the edits of one value. Throws NotEditable if two of them contradict each other. */
export function changeOf(value: unknown, edits: readonly ValueEdit[]): Inside {
  const root = inside();
  for (const edit of edits) gather(root, value, edit);
  return root;
}

/** changed returns the value with the change made: what its text must mean afterwards. */
export function changed(value: unknown, change: Inside): unknown {
  const { children, added } = change;
  if (Array.isArray(value)) {
    const kept = value.flatMap((item: unknown, i) => childOf(item, children.get(String(i))));
    return [...kept, ...added];
  }
  if (!isObject(value)) return children.size === 0 ? added : objectOf(new Map(), children);
  return objectOf(new Map(Object.entries(value)), children);
}

function objectOf(fields: Map<string, unknown>, children: ReadonlyMap<string, Change>): unknown {
  for (const [key, change] of children) {
    const [value] = childOf(fields.get(key), change);
    if (change.kind === 'remove') fields.delete(key);
    else fields.set(key, value);
  }
  return Object.fromEntries(fields);
}

function childOf(value: unknown, change: Change | undefined): readonly unknown[] {
  if (change === undefined) return [value];
  if (change.kind === 'remove') return [];
  return [change.kind === 'value' ? change.value : changed(value, change)];
}

function inside(isWhole = false): Inside {
  return { kind: 'inside', children: new Map(), added: [], isWhole };
}

function gather(root: Inside, value: unknown, edit: ValueEdit): void {
  const path = parsePath(edit.path);
  const last = path.at(-1);
  if (last === undefined) throw new NotEditable(edit.path, 'is the whole object');
  if (edit.kind === 'add') {
    addItems(follow(root, value, path, edit.path), edit);
    return;
  }
  const [parent, within] = follow(root, value, path.slice(0, -1), edit.path);
  const old = member(within, last);
  if (typeof last === 'number' && old === undefined) throw new NotEditable(edit.path, 'is not there');
  const change = edit.kind === 'set' ? narrowed(old, edit.value) : old === undefined ? undefined : REMOVE;
  if (change === undefined) return;
  const before = parent.children.get(String(last));
  if (before !== undefined && !isSameChange(before, change)) throw contradiction(edit.path);
  parent.children.set(String(last), change);
}

const REMOVE: Change = { kind: 'remove' };

function addItems([list, old]: readonly [Inside, unknown], { path, items }: AddEdit): void {
  if (old !== undefined && old !== null && !Array.isArray(old)) throw new NotEditable(path, 'is not a list');
  list.added.push(...items.filter((item) => !list.added.some((other) => isSameJson(other, item))));
}

/** follow walks a path, and returns the change at its end and the current value there. */
function follow(root: Inside, value: unknown, path: FieldPath, whole: string): readonly [Inside, unknown] {
  let [at, here] = [root, value];
  for (const step of path) {
    here = member(here, step);
    if (typeof step === 'number' && here === undefined) throw new NotEditable(whole, 'is not there');
    const next = at.children.get(String(step)) ?? inside();
    if (next.kind !== 'inside' || next.isWhole) throw contradiction(whole);
    at.children.set(String(step), next);
    at = next;
  }
  return [at, here];
}

function member(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isObject(value) && Object.hasOwn(value, String(step)) ? value[String(step)] : undefined;
}

function contradiction(path: string): NotEditable {
  return new NotEditable(path, 'is changed twice, in different ways');
}

function isSameChange(a: Change, b: Change): boolean {
  return isSameJson(plain(a), plain(b));
}

function plain(change: Change): unknown {
  if (change.kind !== 'inside') return { ...change };
  return { ...change, children: Object.fromEntries([...change.children].map(([key, child]) => [key, plain(child)])) };
}

/**
 * narrowed is the smallest change that turns the old value into the new one, so that comments and order within it are
 * kept.
 */
function narrowed(old: unknown, value: unknown): Change | undefined {
  if (isSameJson(old, value)) return undefined;
  if (isObject(old) && isObject(value)) return narrowedObject(old, value);
  if (Array.isArray(old) && Array.isArray(value)) return narrowedList(old, value);
  return { kind: 'value', value };
}

function narrowedObject(old: Readonly<Record<string, unknown>>, value: Readonly<Record<string, unknown>>): Change {
  const change = inside(true);
  for (const key of Object.keys(old)) if (!Object.hasOwn(value, key)) change.children.set(key, { kind: 'remove' });
  for (const [key, item] of Object.entries(value)) {
    const child = Object.hasOwn(old, key) ? narrowed(old[key], item) : ({ kind: 'value', value: item } as const);
    if (child !== undefined) change.children.set(key, child);
  }
  return change;
}

function narrowedList(old: readonly unknown[], value: readonly unknown[]): Change {
  const change = inside(true);
  const shorter = Math.min(old.length, value.length);
  let [head, tail] = [0, 0];
  while (head < shorter && isSameJson(old[head], value[head])) head += 1;
  if (value.length < old.length) {
    while (tail < shorter - head && isSameJson(old.at(-1 - tail), value.at(-1 - tail))) tail += 1;
  }
  const [oldEnd, end] = [old.length - tail, value.length - tail];
  for (let i = head; i < oldEnd; i += 1) {
    const child = i < end ? narrowed(old[i], value[i]) : ({ kind: 'remove' } as const);
    if (child !== undefined) change.children.set(String(i), child);
  }
  change.added.push(...value.slice(oldEnd, end));
  return change;
}
