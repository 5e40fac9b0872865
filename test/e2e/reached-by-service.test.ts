import { expect, it } from 'vitest';
import { useCluster } from '../harness/fixture.ts';
import { allowDns, defaultDeny } from '../harness/policies.ts';

const cluster = useCluster({ reach: 'service' });

it('the API server calls the Service by its name, over TLS, and obeys', async () => {
  const namespace = await cluster.namespace();
  const configuration = await cluster.kubectl([
    'get',
    'validatingwebhookconfiguration',
    'netpol-guard',
    '-o',
    'jsonpath={.webhooks[0].clientConfig.service.name}.{.webhooks[0].clientConfig.service.namespace}{.webhooks[0].clientConfig.url}',
  ]);
  expect(configuration.stdout).toBe('netpol-guard.netpol-guard');

  expect(await cluster.apply(namespace, [defaultDeny])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('admission webhook "policies.netpol-guard.io" denied the request: '),
  });
  expect(await cluster.apply(namespace, [allowDns, defaultDeny])).toMatchObject({ status: 0, stderr: '' });
});
