import { expect, test } from 'vitest';
import { readConfiguration } from '../../../../src/config/load.ts';
import { mayHaveBaseline } from '../../../../src/policy/templates/namespace-template.ts';

const NAME = 'kubernetes.io/metadata.name';

/** Whether the namespaces `dns` and `shop` may have a baseline, where DNS pods are in such namespaces. */
function mayHave(namespaceSelector: string): readonly boolean[] {
  const text = `dns: {servers: [{namespaceSelector: ${namespaceSelector}, podSelector: {matchLabels: {app: dns}}}]}`;
  const { settings } = readConfiguration(text, 'config.yaml');
  return ['dns', 'shop'].map((name) => mayHaveBaseline(name, settings));
}

test('namespaces that are named as those of cluster DNS never have a baseline', () => {
  expect(mayHave(`{matchLabels: {${NAME}: dns}}`)).toEqual([false, true]);
  expect(mayHave(`{matchLabels: {${NAME}: dns, tier: infra}}`)).toEqual([false, true]);
  expect(mayHave(`{matchExpressions: [{key: ${NAME}, operator: In, values: [dns, dns-too]}]}`)).toEqual([false, true]);
});

test('what says in no words where cluster DNS is leaves no namespace out', () => {
  for (const selector of ['{}', '{matchLabels: {tier: infra}}']) expect(mayHave(selector)).toEqual([true, true]);
  const others = `{matchExpressions: [{key: ${NAME}, operator: NotIn, values: [dns]}]}`;
  expect(mayHave(others)).toEqual([true, true]);
});

test('namespaces in which cluster DNS is looked for never have one either', () => {
  const { settings } = readConfiguration('dns: {namespaces: [dns]}', 'config.yaml');
  expect(['dns', 'shop', 'kube-system'].map((name) => mayHaveBaseline(name, settings))).toEqual([false, true, false]);
});
