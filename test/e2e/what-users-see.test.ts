import { describe, expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { allowDns, egressPolicy, openDns } from '../harness/policies.ts';

const cluster = useCluster();

describe('what a developer sees', () => {
  it('a refusal with the object, the path, the values, what to paste, the rule and its page', async () => {
    const namespace = await cluster.namespace();

    const result = await cluster.apply(namespace, [openDns]);

    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(
      new RegExp(
        [
          String.raw`^Error from server \(Forbidden\): error when creating "STDIN": admission webhook "policies\.netpol-guard\.io" denied the request: `,
          String.raw`NetworkPolicy ${namespace}/open-dns(?:\n )? opens port 53 to anywhere \[dns-open-to-anywhere\]`,
          String.raw`  spec\.egress\[0\] opens UDP 53 and TCP 53 to any address, (?:.*\n  )*.*\.`,
          String.raw`  Name cluster DNS in spec\.egress\[0\]:`,
          String.raw`      to:`,
          String.raw`        - namespaceSelector:`,
          String.raw`            matchLabels:`,
          String.raw`              kubernetes\.io/metadata\.name: kube-system`,
          String.raw`          podSelector:`,
          String.raw`            matchLabels:`,
          String.raw`              k8s-app: kube-dns`,
          String.raw`  More: https://.*/docs/rules/dns-open-to-anywhere\.md$`,
        ].join('\n'),
        'm',
      ),
    );
  });

  it('server-side dry run: the same refusal, the same acceptance, and nothing stored', async () => {
    const namespace = await cluster.namespace();

    const refused = await cluster.apply(namespace, [openDns], ['--dry-run=server']);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('[dns-open-to-anywhere]') });
    const accepted = await cluster.apply(namespace, [allowDns], ['--dry-run=server']);
    expect(accepted).toEqual({
      status: 0,
      stdout: 'networkpolicy.networking.k8s.io/allow-dns created (server dry run)\n',
      stderr: '',
    });

    const stored = await cluster.kubectl(['get', 'networkpolicies', '-n', namespace]);
    expect(stored.stderr).toBe(`No resources found in ${namespace} namespace.\n`);
  });

  it('kubectl diff works', async () => {
    const namespace = await cluster.namespace();

    const result = await cluster.kubectl(['diff', '-n', namespace, '-f', '-'], { stdin: JSON.stringify(allowDns) });

    expect(result).toMatchObject({ status: 1, stderr: '' });
    expect(result.stdout).toContain('+  name: allow-dns');
  });

  it('warnings where a namespace only asks for warnings', async () => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/enforce': 'off', 'netpol-guard.io/warn': 'standard' });

    const result = await cluster.apply(namespace, [openDns]);

    expect(result.status).toBe(0);
    expect(result.stdout).toBe('networkpolicy.networking.k8s.io/open-dns created\n');
    expect(result.stderr).toMatch(
      /^Warning: spec\.egress\[0\] opens UDP 53 and TCP 53 to any address.*\[dns-open-to-anywhere\]$/m,
    );
  });

  it('a misspelt label on a namespace is refused with the allowed values', async () => {
    const namespace = await cluster.namespace();

    const result = await cluster.kubectl(['label', 'namespace', namespace, 'netpol-guard.io/enforce=strikt']);

    expect(result.status).toBe(1);
    expect(result.stderr).toContain('metadata.labels[netpol-guard.io/enforce]: ');
    for (const word of ['strikt', 'off', 'standard', 'strict']) expect(result.stderr).toContain(word);
  });

  it('raising enforce warns of the policies that would be refused', async () => {
    const namespace = await cluster.namespace({ 'netpol-guard.io/enforce': 'off', 'netpol-guard.io/warn': 'off' });
    await cluster.apply(namespace, [openDns, egressPolicy('open-all', [{}])]);

    const result = await cluster.kubectl([
      'label',
      '--overwrite',
      'namespace',
      namespace,
      'netpol-guard.io/enforce=standard',
    ]);

    expect(result).toMatchObject({ status: 0, stdout: `namespace/${namespace} labeled\n` });
    expect(result.stderr).toMatch(/^Warning: /);
    expect(result.stderr).toContain('open-dns');
    expect(result.stderr).toContain('open-all');
  });
});

describe('what an auditor sees', () => {
  it('a denial: who, what, and the findings', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [openDns], [], { as: { user: 'dana', groups: ['system:masters'] } });

    const event = await cluster.auditEvent(namespace, 'create', 403);

    expect(event.annotations?.['policies.netpol-guard.io/findings']).toContain(
      'dns-open-to-anywhere deny spec.egress[0]',
    );
  });

  it('a namespace that is only audited: no word to the developer, all to the log', async () => {
    const namespace = await cluster.namespace({
      'netpol-guard.io/enforce': 'off',
      'netpol-guard.io/warn': 'off',
      'netpol-guard.io/audit': 'strict',
    });
    expect(await cluster.apply(namespace, [openDns])).toMatchObject({ status: 0, stderr: '' });

    const event = await cluster.auditEvent(namespace, 'create', 201);

    expect(event.annotations?.['policies.netpol-guard.io/findings']).toContain(
      'dns-open-to-anywhere audit spec.egress[0]',
    );
  });

  it('nothing where there is nothing to say', async () => {
    const namespace = await cluster.namespace();
    await cluster.apply(namespace, [allowDns]);

    const event = await cluster.auditEvent(namespace, 'create', 201);

    expect(Object.keys(event.annotations ?? {}).filter((key) => key.includes('netpol-guard.io'))).toEqual([]);
  });
});
