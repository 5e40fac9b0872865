import type { Manifest } from '../manifests/text/manifests.ts';
import { parsePath } from '../objects/field-path.ts';
import { field, isObject, type Json } from '../objects/fields.ts';
import { EgressRepeats } from '../policy/dialects/network-policy/egress-repeats.ts';
import { listOf } from '../policy/model/describe.ts';
import type { Edit } from '../policy/model/fix.ts';

/** Everywhere is the edits of a fix at all equal places of a policy, and the number of places after the first. */
export interface Everywhere {
  readonly edits: readonly Edit[];
  readonly more: number;
}

const repeats = new WeakMap<object, EgressRepeats>();

/**
 * inAllPlaces repeats the edits of a fix for all equal rules, and all equal items of `to`. They are judged as one, so the
 * next one would be reported only after the first is fixed. A missing port is added once.
 */
export function inAllPlaces(edits: readonly Edit[], { value }: Manifest): Everywhere {
  const once = { edits, more: 0 };
  const spec = field(value, 'spec');
  if (!isObject(spec) || edits.some(addsPorts)) return once;
  const found = repeats.get(value) ?? new EgressRepeats(spec);
  repeats.set(value, found);
  const placed = edits.map((edit): readonly Edit[] => {
    if (edit.kind === 'apply' || edit.policy !== undefined) return [edit];
    return found.of(edit.path).map((path) => keepingPorts({ ...edit, path }, value));
  });
  return { edits: placed.flat(), more: Math.max(0, ...placed.map(({ length }) => length - 1)) };
}

/** A rule that is replaced keeps the ports that it has, in their order and spelling. */
function keepingPorts(edit: Edit, object: Json): Edit {
  if (edit.kind !== 'set' || !isObject(edit.value)) return edit;
  const { path, value } = edit;
  const [there, wanted] = [itemsOf(valueAt(object, `${path}.ports`)), itemsOf(field(value, 'ports'))];
  const [old, now] = [new Set(portItems(there)), new Set(portItems(wanted))];
  const kept = there.filter((item) => portItems([item]).some((port) => now.has(port)));
  const added = wanted.filter((item) => !portItems([item]).some((port) => old.has(port)));
  return kept.length === 0 ? edit : { ...edit, value: { ...value, ports: [...kept, ...added] } };
}

function itemsOf(list: unknown): readonly unknown[] {
  return Array.isArray(list) ? list : [];
}

function valueAt(object: Json, path: string): unknown {
  return parsePath(path).reduce<unknown>((part, step) => {
    if (Array.isArray(part)) return typeof step === 'number' ? part[step] : undefined;
    return isObject(part) ? field(part, String(step)) : undefined;
  }, object);
}

function addsPorts(edit: Edit): boolean {
  return edit.kind === 'add' && edit.path.endsWith('.ports');
}

/** moreText says how many other places get the same fix. */
export function moreText(more: number): string {
  return more === 0
    ? ''
    : `, and in ${more} more ${more === 1 ? 'place' : 'places'} that ${more === 1 ? 'says' : 'say'} the same`;
}

/** portsText names the ports that edits write: `, with ports UDP 5353 and TCP 5353`, or `: TCP 53` if they only add ports. */
export function portsText(edits: readonly Edit[]): string {
  const ports = [...new Set(edits.flatMap(portsOf))];
  if (ports.length > 0 && edits.every(addsPorts)) return `: ${listOf(ports)}`;
  return ports.length === 0 ? '' : `, with ${ports.length === 1 ? 'port' : 'ports'} ${listOf(ports)}`;
}

function portsOf(edit: Edit): readonly string[] {
  if (edit.kind !== 'add' && edit.kind !== 'set') return [];
  const written: unknown = edit.kind === 'add' ? edit.items : edit.value;
  if (edit.path.endsWith('.ports')) return portItems(written);
  return (Array.isArray(written) ? written : [written]).flatMap((rule: unknown) =>
    isObject(rule) ? portItems(field(rule, 'ports')) : [],
  );
}

/** portItems returns a text such as `UDP 53` for each item that is an object; equal ports have equal texts. */
function portItems(list: unknown): readonly string[] {
  return itemsOf(list).flatMap((item) => {
    if (!isObject(item)) return [];
    const parts = ['protocol', 'port', 'endPort'].map((key) => field(item, key));
    const [protocol = 'TCP', port, last] = parts.map((part) =>
      typeof part === 'string' || typeof part === 'number' ? String(part) : undefined,
    );
    return [`${protocol}${port === undefined ? '' : ` ${port}`}${last === undefined ? '' : `-${last}`}`];
  });
}
