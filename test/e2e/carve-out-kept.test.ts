import { describe, expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { allowDns, defaultDeny } from '../harness/policies.ts';

const cluster = useCluster({ config: { dnsBlocked: { onDelete: 'deny' } } });

describe('with dnsBlocked.onDelete: deny', () => {
  it('deleting the carve-out under default-deny is refused', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns, defaultDeny]);

    const result = await cluster.kubectl(['delete', 'networkpolicy', 'allow-dns', '-n', namespace]);

    expect(result.status).toBe(1);
    expect(result.stderr).toContain(
      'Error from server (Forbidden): admission webhook "policies-delete.netpol-guard.io" denied the request: ',
    );
    expect(result.stderr).toMatch(
      /\nDeleting NetworkPolicy \S+\/allow-dns(?:\n )? cuts every pod off from DNS \[dns-blocked\]\n/,
    );
    expect(result.stderr).toContain('default-deny still isolates them');
    expect(result.stderr).toContain('First replace the empty spec.egress of default-deny with this:');
    const stored = await cluster.kubectl(['get', 'networkpolicy', 'allow-dns', '-n', namespace, '-o', 'name']);
    expect(stored.stdout).toBe('networkpolicy.networking.k8s.io/allow-dns\n');
  });

  it('deleting the deny first, then the carve-out, is not', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns, defaultDeny]);

    const result = await cluster.kubectl(['delete', 'networkpolicy', 'default-deny', 'allow-dns', '-n', namespace]);

    expect(result).toMatchObject({ status: 0, stderr: '' });
  });

  it("a namespace's deletion is never held up", async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns, defaultDeny]);

    const result = await cluster.kubectl(['delete', 'namespace', namespace, '--timeout=30s']);

    expect(result).toMatchObject({ status: 0, stderr: '' });
  });
});
