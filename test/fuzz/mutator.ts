import type { Chance } from './chance.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Stands for lists in lists, deeper than JSON.stringify could write them. */
const DEEP = '@deep@';
const DEPTH = 20_000;
/** Copies of a list take no more text than this: just past what the server reads, so that some bodies are too large. */
const MOST_COPIED = 8 * 1024 * 1024;

/** What has broken parsers before: wrong types, edges of numbers, odd text, keys that JavaScript knows. */
const HOSTILE: readonly (() => Json)[] = [
  ...[null, true, false, 0, -1, 53, 54, 65535, 65536, 1e308, 0.5, '', ' ', '53', '*', 'x'.repeat(3000)].map(
    (value) => () => value,
  ),
  ...['\u0000', '\ud800', '\u2028', 'é'.repeat(70), '__proto__', 'constructor', 'toString', '{{ .Values.x }}'].map(
    (value) => () => value,
  ),
  ...['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '::ffff:0:0/96', '64:ff9b::/96', '2002::/16'].map(
    (value) => () => value,
  ),
  ...['10.0.0.1', '1.2.3.4/33', '::/129', 'fe80::1%eth0/64', '010.0.0.0/8', '/', '::1::/4'].map((value) => () => value),
  ...['In', 'NotIn', 'Exists', 'DoesNotExist', 'in', 'TCP', 'UDP', 'SCTP', 'udp', 'Egress', 'Ingress', 'dns'].map(
    (value) => () => value,
  ),
  () => [],
  () => ({}),
  () => [null],
  () => [[]],
  () => [{}],
  () => DEEP,
  () => Array.from({ length: 500 }, () => ({})),
  () => Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, 'v'])),
  () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
];

const KEYS: readonly string[] = [
  ...['__proto__', 'constructor', 'hasOwnProperty', 'length', '', '0', 'spec', 'metadata', 'labels', 'matchlabels'],
  ...['egress', 'ingress', 'to', 'from', 'ports', 'port', 'endPort', 'ipBlock', 'cidr', 'except', 'podSelector'],
  ...['namespaceSelector', 'matchLabels', 'matchExpressions', 'values', 'operator', 'deletionTimestamp'],
];

const FOCUS: readonly (readonly string[])[] = [
  ['request', 'object', 'spec'],
  ['request', 'object', 'spec', 'egress'],
  ['request', 'object', 'spec', 'podSelector'],
  ['request', 'object', 'metadata'],
  ['request', 'oldObject'],
];

/** mutate changes one to four places of a value, and returns the text that is sent: usually still JSON. */
export function mutate(original: unknown, chance: Chance): string {
  let value: Json = JSON.parse(JSON.stringify(original));
  for (let times = 1 + chance.below(4); times > 0; times -= 1) {
    // What is outside of the object is small, and soon refused.
    const path = chance.below(8) === 0 ? [] : chance.pick(FOCUS);
    value = mutateAt(value, path, chance);
  }
  const text = textOf(value);
  return chance.below(10) === 0 ? mutateText(text, chance) : text;
}

function textOf(value: Json): string {
  return JSON.stringify(value).replaceAll(`"${DEEP}"`, () => '['.repeat(DEPTH) + ']'.repeat(DEPTH));
}

function mutateAt(value: Json, path: readonly string[], chance: Chance): Json {
  const [key, ...rest] = path;
  if (key === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) {
    return mutateOnce(value, chance);
  }
  const child = Object.hasOwn(value, key) ? value[key] : undefined;
  return child === undefined ? mutateOnce(value, chance) : { ...value, [key]: mutateAt(child, rest, chance) };
}

function mutateOnce(value: Json, chance: Chance): Json {
  // Going down with this chance reaches leaves of a policy about as often as the envelope.
  if (chance.below(12) === 0 || typeof value !== 'object' || value === null) return replacement(value, chance);
  if (Array.isArray(value)) return mutateList(value, chance);
  return mutateObject(value, chance);
}

function mutateList(list: Json[], chance: Chance): Json {
  const index = chance.below(list.length + 1);
  const item = list[index];
  if (item === undefined) return [...list, chance.pick(HOSTILE)()];
  switch (chance.below(8)) {
    case 0:
      return list.toSpliced(index, 1);
    case 1:
      return Array.from({ length: Math.min(50, Math.ceil(MOST_COPIED / textOf(list).length)) }, () => list).flat();
    default:
      return list.with(index, mutateOnce(item, chance));
  }
}

function mutateObject(object: { [key: string]: Json }, chance: Chance): Json {
  const entries = Object.entries(object);
  const index = chance.below(entries.length + 1);
  const entry = entries[index];
  if (entry === undefined) return Object.fromEntries([...entries, [chance.pick(KEYS), chance.pick(HOSTILE)()]]);
  const [key, value] = entry;
  switch (chance.below(12)) {
    case 0:
      return Object.fromEntries(entries.toSpliced(index, 1));
    case 1:
      return Object.fromEntries(entries.with(index, [chance.pick(KEYS), value]));
    default:
      return Object.fromEntries(entries.with(index, [key, mutateOnce(value, chance)]));
  }
}

function replacement(value: Json, chance: Chance): Json {
  switch (chance.below(6)) {
    case 0:
      return [value];
    case 1:
      return { [chance.pick(KEYS)]: value };
    case 2:
      return typeof value === 'number' ? value + chance.below(3) - 1 : `${typeof value === 'string' ? value : ''}x`;
    default:
      return chance.pick(HOSTILE)();
  }
}

function mutateText(text: string, chance: Chance): string {
  const at = chance.below(text.length + 1);
  switch (chance.below(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + chance.below(20));
    case 2:
      return (
        text.slice(0, at) +
        chance.pick(['"', '{', '}', '[', ']', ',', ':', '\\', '\u0000', '9e999', '\ufeff']) +
        text.slice(at)
      );
    default:
      return text + text.slice(at);
  }
}
