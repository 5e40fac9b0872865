import { expect, inject, it } from 'vitest';
import { readManifests } from '../../src/manifests/text/manifests.ts';
import { readDocument } from '../../src/manifests/text/read-document.ts';
import { SourceText } from '../../src/manifests/text/source-text.ts';
import { connect } from '../harness/connected.ts';
import { OTHER_READINGS } from '../unit/manifests/text/other-readings.ts';

const { kubectl } = connect(inject('controlPlane'));

const configMap = (text: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${text}\n`;

/** kubectlReads returns what kubectl makes of the text, read into a ConfigMap; undefined where it refuses it. */
async function kubectlReads(text: string): Promise<unknown> {
  const args = ['label', '--local', '-f', '-', 'a=b', '-o', 'json'];
  const { status, stdout } = await kubectl(args, { stdin: configMap(text) });
  if (status !== 0) return undefined;
  const { apiVersion, kind, metadata, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  expect([apiVersion, kind, metadata]).toEqual(['v1', 'ConfigMap', { name: 'a', labels: { a: 'b' } }]);
  return rest;
}

it.each(OTHER_READINGS)('kubectl reads otherwise: $text', async ({ text, kubectl: wanted }) => {
  expect(await kubectlReads(text)).toEqual(wanted);
});

it.each([
  'x: {? a : 1, b, c: }',
  'x: ["a?b", {"c":d}, http://a:80/b]',
  'a: &a {p: 1}\nx: {<<: [{z: &a {p: 2}}, *a], r: *a}',
  'a: &a {p: 1}\nx: {<<: [*a, {z: &a {p: 2}}], r: *a}',
  'x: {! <<: {k: 1}, ! "<<": {l: 2}, !!str <<: {m: 3}}',
  'x: {a: 1, <<: {a: 2}, b: 3}',
  'x: !!binary 77u/aGk=',
  'x: ! 53',
  'x: "a \\"b\\\\\\x41\\\n  c\n\n  d"',
  "x: 'a '' b\n\n  c'''",
  'x: |2-\n   a\n  b\ny: 1',
  'x: >\n\n  a\n   b\n\n  c\n\n\n',
  'x: |+\n  a\n   \n  \n',
  'x: a#b\n  c # d',
])('lint reads as kubectl does: %s', async (text) => {
  const given = readDocument({ text: configMap(text), offset: 0 })?.value;
  const read = await kubectlReads(text);
  expect(read).toBeDefined();
  expect(given).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...(read as object) });
});

const named = (name: string) => ({ metadata: { name }, spec: { podSelector: {} } });
const NETWORKING = 'networking.k8s.io/v1';
const policy = (name: string) => ({ apiVersion: NETWORKING, kind: 'NetworkPolicy', ...named(name) });

it.each<[string, object]>([
  ['a List', { apiVersion: 'v1', kind: 'List', items: [policy('a'), policy('b')] }],
  ['a ConfigMap with items', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, items: [policy('a')] }],
  ['a typed list', { apiVersion: NETWORKING, kind: 'NetworkPolicyList', items: [named('a'), policy('b')] }],
  ['a policy with items', { ...policy('x'), items: [named('a')] }],
  ['items that are null', { ...policy('x'), items: null }],
  ['an item that is null', { apiVersion: 'v1', kind: 'List', items: [null, policy('a')] }],
  ['an item that is a text', { apiVersion: 'v1', kind: 'List', items: [policy('a'), 'x'] }],
  ['a list in a list', { apiVersion: 'v1', kind: 'List', items: [policy('a'), { ...policy('b'), items: [] }] }],
  [
    'an item of a kind alone',
    { apiVersion: NETWORKING, kind: 'NetworkPolicyList', items: [{ kind: 'NetworkPolicy' }] },
  ],
  ['no kind', { apiVersion: 'v1', items: [policy('a')] }],
])('lint opens what kubectl would create: %s', async (_, list) => {
  const stdin = JSON.stringify(list);
  const { stdout } = await kubectl(['create', '--dry-run=client', '--validate=false', '-o', 'name', '-f', '-'], {
    stdin,
  });
  const { objects } = readManifests([new SourceText('-', stdin)]);
  // What is a list itself, lint keeps to say so, and so it does with what has no name.
  const opened = objects.filter(({ value }) => !('items' in value) && 'metadata' in value);
  const names = opened.map(({ value }) => (value['metadata'] as { name: string }).name);
  expect(names.map((name) => `networkpolicy.networking.k8s.io/${name}`)).toEqual(stdout.split('\n').filter(Boolean));
});
