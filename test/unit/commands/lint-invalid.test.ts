import { describe, expect, it } from 'vitest';
import { ALLOW_DNS, DENY_ALL, policyYaml } from '../cli/setup.ts';
import { documents, lintText } from './lint-text.ts';

const DENY = policyYaml('deny', 'shop', DENY_ALL);

/** blocked returns what dns-blocked says of a default-deny beside another policy. */
async function blocked(other: string, deny = DENY) {
  const { findings } = await lintText(documents(deny, other));
  const [finding] = findings.filter(({ rule }) => rule === 'dns-blocked');
  return { message: finding?.message ?? '', help: finding?.help ?? '', severity: finding?.severity };
}

const WOULD = 'allow-dns would let them reach it, but the API server refuses it as it is';

describe('a policy that the API server would refuse is not taken for absent', () => {
  const valid = policyYaml('allow-dns', 'shop', ALLOW_DNS);

  it.each([
    ['a field that is misspelt', valid.replace('ports:', 'port:'), WOULD],
    ['a kind that is misspelt', valid.replace('NetworkPolicy', 'NetworkPolcy'), WOULD],
    ['a group that is misspelt', valid.replace('networking.k8s.io', 'networking.k8.io'), WOULD],
    [
      'a label that is no text',
      valid.replace('k8s-app: kube-dns', 'k8s-app: yes'),
      'allow-dns is about DNS, but the API server refuses it as it is',
    ],
    ['a name that is none', valid.replace('name: allow-dns', 'name: Allow_DNS'), 'Allow_DNS would let them reach it'],
    [
      'types that are misspelt',
      valid.replace('[Egress]', '[egress]'),
      'allow-dns is about DNS, but the API server refuses it as it is',
    ],
  ])('%s', async (_, other, message) => {
    const said = await blocked(other);
    expect(said.message).toContain(message);
    expect(said.severity).toBe('error');
  });

  it('a policy that is printed to paste has a name that is free', async () => {
    const ours = DENY.replace('name: deny', 'name: deny\n  labels: {app.kubernetes.io/managed-by: netpol-guard}');
    const { help } = await blocked(valid.replace('ports:', 'port:'), ours);
    expect(help).toContain('name: allow-dns-2\n');
    const without = await blocked(policyYaml('ingress', 'shop', '  podSelector: {}\n  policyType: []'), ours);
    expect(without.help).toContain('name: allow-dns\n');
    expect(without.message).not.toContain('refuses');
  });

  it('allows nothing for pods that it does not select, or in another namespace', async () => {
    const broken = valid.replace('ports:', 'port:');
    expect((await blocked(broken.replace('namespace: shop', 'namespace: blog'))).message).not.toContain('refuses');
    const others = documents(
      policyYaml('deny', 'shop', DENY_ALL.replace('{}', '{matchLabels: {app: a}}')),
      broken.replace('podSelector: {}', 'podSelector: {matchLabels: {app: b}}'),
    );
    const { findings } = await lintText(others);
    expect(findings.map(({ message }) => message).join()).not.toContain('refuses');
  });
});
