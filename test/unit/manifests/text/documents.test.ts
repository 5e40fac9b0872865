import { describe, expect, it } from 'vitest';
import { readManifests } from '../../../../src/manifests/text/manifests.ts';
import { SourceText } from '../../../../src/manifests/text/source-text.ts';

const read = (text: string) => readManifests([new SourceText('a.yaml', text)]);
const POLICY = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n';
const DEPLOYMENT = 'apiVersion: apps/v1\nkind: Deployment\n';
const list = (...items: readonly string[]) =>
  `apiVersion: v1\nkind: List\nitems:\n${items.map((item) => `- ${item.trim().replaceAll('\n', '\n  ')}\n`).join('')}`;

describe('what is no manifest', () => {
  it.each([
    ['the table of kubectl', 'NAME   POD-SELECTOR   AGE\na      <none>         3d\n', /^is a table; /],
    ['the table of helm', 'NAME\tNAMESPACE\tREVISION\nweb\tshop\t1\n', /^is a table; /],
    ['kubectl describe', 'Name:         a\nNamespace:    shop\n', /^is what kubectl describe prints; /],
    ['an error of helm', 'Error: INSTALLATION FAILED: cannot: a: b\n', /^is an error message; /],
    ['an error of kubectl', 'error: no context\n', /^is an error message; /],
    ['an error of jq', 'jq: error (at <stdin>:1): Cannot index\n', /^is an error message; /],
    ['an error of a shell', 'sh: 1: helm: not found\n', /^is an error message; /],
    ['an error of an API server', 'Error from server (NotFound): "a" not found\n', /^is an error message; /],
    [
      'a server that is not there',
      'The connection to the server a:1 was refused - did you mean b?\n',
      /^is an error message; /,
    ],
    ['a web page', '<!DOCTYPE html>\n<html></html>\n', /^is a web page$/],
    ['a text', 'networkpolicy.networking.k8s.io/a\n', /^is plain text, not a manifest$/],
    ['a List without a kind', `apiVersion: v1\nitems:\n- ${POLICY.replace('\n', '\n  ')}`, /: it has no kind$/],
    ['a list of policies', `- ${POLICY.replace('\n', '\n  ')}`, /^is a list, which kubectl refuses; /],
  ])('is unreadable: %s', (_, text, message) => {
    const { unreadable, strays, documents } = read(text);
    expect(unreadable.map((document) => document.message)).toEqual([expect.stringMatching(message)]);
    expect({ strays, documents }).toEqual({ strays: [], documents: 1 });
  });

  it.each([
    ['settings', 'replicas: 3\n', /^is not a Kubernetes object: it has no kind$/],
    ['a list of something', '- hosts: all\n', /^is a list, /],
    ['a JSON patch', '- {op: remove, path: /spec}\n', /^is a JSON patch, /],
  ])('strays among manifests: %s', (_, text, message) => {
    const { unreadable, strays } = read(text);
    expect(strays.map((document) => document.message)).toEqual([expect.stringMatching(message)]);
    expect(unreadable).toEqual([]);
  });

  it('shows nothing of the text, which a symbolic link may have led to', () => {
    const { unreadable, strays } = read('hunter2\n---\nError: hunter2\n---\nhunter2: a\n---\n- hunter2\n');
    expect([...unreadable, ...strays].map(({ message }) => message).join()).not.toContain('hunter2');
  });
});

describe('a key given twice', () => {
  it.each([
    ['in a policy', `${POLICY}metadata: {name: a, name: b}\n`],
    ['in a policy of a list', list(DEPLOYMENT, `${POLICY}metadata: {name: a, name: b}\n`)],
    ['in the list that a policy is in', `${list(POLICY)}items: []\n`],
    ['in what has no kind and is one', 'spec: {podSelector: {}, policyTypes: [], policyTypes: [Egress]}\n'],
    ['where it takes the kind of a policy away', `${POLICY}kind: Ingress\n`],
    ['where it makes a policy of something', `apiVersion: v1\n${POLICY}`],
  ])('is an error %s', (_, text) => {
    expect(read(text).unreadable.map(({ message }) => message)).toEqual([expect.stringMatching(/is given twice$/)]);
  });

  it.each([
    ['in another kind', `${DEPLOYMENT}metadata: {labels: {a: b, a: b}}\n`],
    ['in another kind beside a policy', list(`${DEPLOYMENT}metadata: {name: a, name: b}\n`, POLICY)],
    ['in the kind of another kind', `${DEPLOYMENT}kind: Deployment\n`],
    ['in settings', 'a: 1\na: 2\n'],
    ['in a policy that is not judged', 'apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nspec: {a: 1, a: 2}\n'],
  ])('is passed over %s', (_, text) => {
    expect(read(text).unreadable).toEqual([]);
  });
});
