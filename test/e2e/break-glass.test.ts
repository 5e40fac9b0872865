import { beforeAll, describe, expect, it } from 'vitest';
import { openBreakGlass } from '../break-glass/page.ts';
import type { ApiClient } from '../harness/api-client.ts';
import { ALLOW_DNS, DEFAULT_DENY, untilSpecs, WITH_BASELINE } from '../harness/baseline.ts';
import { CREATORS, creatorsOf, refusedBy } from '../harness/creators.ts';
import { useCluster } from '../harness/fixture.ts';
import { openDns, policyPath } from '../harness/policies.ts';
import { until } from '../harness/until.ts';

const DRY = '?dryRun=All';
const cluster = useCluster({ config: WITH_BASELINE });
const page = openBreakGlass(cluster.address);
const { dana, furnish } = creatorsOf(cluster);

/** The rest of the page needs pods, Helm or packets: test/helm/break-glass.test.ts runs all of it. */
describe('the break-glass page, as far as the API server goes', () => {
  beforeAll(async () => {
    await furnish();
    expect(await cluster.kubectl(['create', 'namespace', 'shop'])).toMatchObject({ status: 0 });
    await untilSpecs(cluster, 'shop');
    await cluster.guard.process.stop('SIGKILL');
  });

  const deletes = (client: ApiClient) => client.request('DELETE', policyPath('shop', `/${ALLOW_DNS}${DRY}`));
  const lowers = (client: ApiClient) => {
    const change = { metadata: { labels: { 'netpol-guard.io/enforce': 'off' } } };
    return client.request('PATCH', `/api/v1/namespaces/shop${DRY}`, change, 'application/merge-patch+json');
  };
  const untilStatus = (what: string, status: number, ask: () => Promise<{ readonly status: number }>) =>
    until(what, async () => ((await ask()).status === status ? true : undefined));

  it('shows what is seen while no replica answers', async () => {
    const { output } = await page.try('Which one is it?');
    expect(output).toMatch(page.shown('1. Every replica is down'));
    const as = { user: 'dana', groups: [CREATORS] };
    const deletion = await cluster.kubectl(['delete', 'networkpolicy', DEFAULT_DENY, '-n', 'shop'], { as });
    expect(deletion.stderr).toMatch(page.shown('2. An admission policy refuses'));
  });

  it('lets policies be written, and no more', async () => {
    await page.run('Let people write policies');
    const write = () => dana.request('POST', policyPath('shop', DRY), openDns);
    await untilStatus('a bad policy to be taken', 201, write);
    expect(await deletes(dana)).toMatchObject(refusedBy('baseline'));
    expect(await lowers(dana)).toMatchObject(refusedBy('opt-out'));
  });

  it('takes off one admission policy, and then all', async () => {
    expect((await page.run('Who may pass')).match(/^yes$/gm)).toHaveLength(2);
    expect((await deletes(cluster.api)).status).toBe(200);
    await page.run('Switch one off');
    await untilStatus('the binding to be forgotten', 200, () => deletes(dana));
    expect(await lowers(dana)).toMatchObject(refusedBy('opt-out'));
    await page.run('Switch all of them off');
    await untilStatus('the bindings to be forgotten', 200, () => lowers(dana));
  });

  it('takes off everything, and the baseline by hand', async () => {
    expect(await page.run('Everything off')).toContain('deleted');
    for (const block of [0, 1]) await page.run('The baseline of a namespace', block);
    await untilSpecs(cluster, 'shop', {});
  });
});
