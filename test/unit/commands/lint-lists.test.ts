import { describe, expect, it } from 'vitest';
import { brief, documents, lintText } from './lint-text.ts';

describe('lint opens lists as kubectl does', () => {
  const item = { metadata: { name: 'deny', namespace: 'shop' }, spec: { podSelector: {}, policyTypes: ['Egress'] } };
  const full = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', ...item };
  const lintJson = (value: object) => lintText(JSON.stringify(value, undefined, 1));

  it('of any kind', async () => {
    const outcome = await lintJson({ apiVersion: 'v1', kind: 'List', items: [full] });
    expect(brief(outcome)).toEqual(['12:4 error dns-blocked spec.egress']);
    expect(outcome.summary).toEqual({ files: 1, documents: 1, policies: 1, errors: 1, warnings: 0 });
    for (const kind of ['ConfigMap', 'list', 'CiliumNetworkPolicy', 'ConfigMapList']) {
      const list = { apiVersion: 'cilium.io/v2', kind, metadata: { name: 'a' }, items: [full] };
      expect(brief(await lintJson(list))).toEqual([expect.stringMatching(/error dns-blocked spec.egress$/)]);
    }
  });

  it('whose items have its kind where they name neither kind nor apiVersion', async () => {
    const typed = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicyList', items: [item] };
    expect((await lintJson(typed)).summary).toMatchObject({ policies: 1, errors: 1 });
    const half = { ...typed, items: [{ apiVersion: 'networking.k8s.io/v1', ...item }] };
    expect((await lintJson(half)).findings.map(({ message }) => message)).toEqual(['is missing; write NetworkPolicy']);
    const other = { ...typed, items: [{ kind: 'NetworkPolicy', ...item }] };
    expect(brief(await lintJson(other))).toEqual(['5:3 error invalid-object apiVersion']);
  });

  it('and says so where a policy or a Namespace is one', async () => {
    const policy = { ...full, metadata: { name: 'x', namespace: 'shop' }, items: [item] };
    expect(brief(await lintJson(policy))).toEqual([
      expect.stringMatching(/error invalid-object items$/),
      expect.stringMatching(/error dns-blocked spec.egress$/),
    ]);
    const labels = { 'netpol-guard.io/enforce': 'off' };
    for (const items of [[], null]) {
      const list = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels }, items };
      const outcome = await lintText(documents(`${JSON.stringify(list)}\n`, JSON.stringify(full)));
      expect(outcome.findings.map(({ rule, severity }) => [rule, severity])).toEqual([
        ['invalid-object', 'error'],
        ['dns-blocked', 'error'],
      ]);
    }
  });

  it('and says where kubectl refuses one', async () => {
    const nested = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, items: [] };
    const outcome = await lintJson({ apiVersion: 'v1', kind: 'List', items: [full, nested] });
    expect(outcome.findings.map(({ line, message }) => [line, message])).toEqual([
      [19, 'items[1] is a list itself, so kubectl refuses the whole list'],
    ]);
    expect(outcome.exit).toBe(2);
    const [finding] = (await lintJson({ apiVersion: 'v1', kind: 'List', items: [null, 'x'] })).findings;
    expect(finding?.message).toBe('items[1] is not an object, so kubectl refuses the whole list');
  });

  it('and no others', async () => {
    const items = [
      { apiVersion: 'v1', kind: 'ConfigMap', items: { a: full } },
      { kind: 'ConfigMap', items: null },
    ];
    const { findings, summary } = await lintJson({ apiVersion: 'v1', kind: 'List', items });
    expect(findings.map(({ rule, path }) => [rule, path])).toEqual([['unrendered-policy', 'items.a']]);
    expect(summary).toMatchObject({ documents: 1, policies: 0 });
    const capital = { apiVersion: 'v1', kind: 'ConfigMap', Items: [full] };
    expect((await lintJson(capital)).summary).toMatchObject({ documents: 1, policies: 0 });
  });
});
