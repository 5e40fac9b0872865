import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { build } from '../../programs/build.ts';
import { type BreakGlass, openBreakGlass } from '../break-glass/page.ts';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import type { ApiClient } from '../harness/api-client.ts';
import { type Connected, connect } from '../harness/connected.ts';
import { creatorsOf, refusedBy } from '../harness/creators.ts';
import { allowDns, defaultDeny, openDns, policyPath } from '../harness/policies.ts';
import { RELEASE } from '../harness/release.ts';
import { until } from '../harness/until.ts';
import { furnish } from './admissions/admissions.ts';
import { offerEach } from './admissions/offers.ts';
import { LOCKDOWN, openShop, policiesOf, untilLooksUp } from './installed/cut-off.ts';
import { findHelm, type Helm } from './installed/helm.ts';
import { withoutEnforcement, withoutPodNetwork } from './installed/network-plugin.ts';
import {
  clearAway,
  demanded,
  install,
  makeNamespace,
  stopReplicas,
  untilJudged,
  upgrade,
} from './installed/release.ts';

const BASELINE = ['netpol-guard-allow-dns', 'netpol-guard-default-deny'];
const MERGE = 'application/merge-patch+json';
const DRY = '?dryRun=All';
const NAMESPACE = `/api/v1/namespaces/${RELEASE.namespace}`;
const [WHICH, ON, OFF] = ['Which one is it?', 'Everything on again', 'Everything off'] as const;
const TAKEN = 'networkpolicy.networking.k8s.io/break-glass created (server dry run)';

let cluster: Opened;
let admin: Connected;
let helm: Helm;
let page: BreakGlass;
/** Who makes and changes namespaces and policies, without the verb `exempt`. */
let dana: ApiClient;

beforeAll(async () => {
  cluster = await openCluster();
  admin = connect(cluster.address);
  helm = await findHelm(4, cluster);
  page = openBreakGlass(cluster.address, await build('helm-4'));
  const creators = creatorsOf(admin);
  ({ dana } = creators);
  await creators.furnish();
  await makeNamespace(cluster);
  await furnish(cluster.api);
  await demanded(install(helm, inject('current')));
  await untilJudged(cluster);
  await openShop(cluster, 'shop');
  await openShop(cluster, 'bare', 'none');
});

afterAll(async () => {
  await demanded(cluster.kubectl(['delete', 'networkpolicy', 'lockdown', '-n', 'kube-system', '--ignore-not-found']));
  await demanded(cluster.kubectl(['delete', 'namespaces', 'shop', 'bare', 'late', '--ignore-not-found']));
  await clearAway(cluster, helm);
  await admin.close();
  await cluster.close();
});

const deletes = (client: ApiClient) => client.request('DELETE', policyPath('shop', `/${BASELINE[0]}${DRY}`));
const lowers = (client: ApiClient) =>
  client.request('PATCH', `/api/v1/namespaces/shop${DRY}`, label('netpol-guard.io/enforce', 'off'), MERGE);
const label = (key: string, value: string) => ({ metadata: { labels: { [key]: value } } });

async function untilHas(name: string, policies: readonly string[]): Promise<void> {
  const has = async () => ((await policiesOf(admin, name)).join() === policies.join() ? true : undefined);
  await until(`${name} to have the policies ${policies.join(', ')}`, has, 60_000);
}

/** Everything is on, and the API server obeys it. */
async function proveAllOn(): Promise<void> {
  await page.run(ON);
  await untilJudged(cluster);
  const isDenied = async () => ((await lowers(dana)).status === 403 ? true : undefined);
  await until('the admission policies to be obeyed', isDenied);
}

async function untilUnjudged(): Promise<void> {
  const path = policyPath('default', DRY);
  const isTaken = async () => ((await admin.api.request('POST', path, openDns)).status === 201 ? true : undefined);
  await until('a bad policy to be taken', isTaken);
}

test('all is well, and the page says so', async () => {
  await untilLooksUp(cluster, 'shop', true);
  const { output, status } = await page.try(WHICH);
  expect(output).toContain(TAKEN);
  expect(status).toBe(0);
});

describe('every replica is down', () => {
  const HEADING = '1. Every replica is down';

  test('it is told, and goes as the table says', async () => {
    await stopReplicas(cluster);
    const { output } = await page.try(WHICH);
    expect(output).toMatch(page.shown(HEADING));
    expect(output).toMatch(/^n1 +Ready /m);
    const one = { admitted: 1, failed: 0, other: [] };
    const policy = { admitted: 0, failed: 1, other: [] };
    expect(await offerEach(cluster.api, 1)).toEqual({
      policy,
      deletion: one,
      systemPolicy: one,
      namespace: one,
      pod: one,
    });
    expect(await deletes(dana)).toMatchObject(refusedBy('baseline'));
    expect(await lowers(dana)).toMatchObject(refusedBy('opt-out'));
    expect([(await deletes(admin.api)).status, (await lowers(admin.api)).status]).toEqual([200, 200]);
    await demanded(cluster.kubectl(['create', 'namespace', 'late']));
    const why = await page.run('Find out why');
    expect(why).toContain('Replicas:');
  });

  test('people write policies meanwhile; a baseline that cuts off DNS is taken away by hand', async () => {
    await page.run('Let people write policies');
    await untilUnjudged();
    expect(await deletes(dana)).toMatchObject(refusedBy('baseline'));
    const elsewhere = { egress: [{ to: [{ podSelector: {} }], ports: [{ port: 53, protocol: 'UDP' }] }] };
    const moved = await dana.request('PATCH', policyPath('shop', `/${BASELINE[0]}`), { spec: elsewhere }, MERGE);
    expect(moved.status).toBe(200);
    await untilLooksUp(cluster, 'shop', false);
    await page.run('The baseline of a namespace', 0);
    await page.run('The baseline of a namespace', 1);
    await untilHas('shop', []);
    await untilLooksUp(cluster, 'shop', true);
  });

  test('and back: everybody has the baseline again, those too who were born meanwhile', async () => {
    await page.run('Back to judging');
    await proveAllOn();
    await page.run('The baseline of a namespace', 2);
    await untilHas('shop', BASELINE);
    await untilHas('late', BASELINE);
    await untilLooksUp(cluster, 'shop', true);
    const came = await page.run(ON, 1);
    expect(came).toMatch(/^late .* default-deny/m);
  });

  test('since parts of it are gone: they come back', async () => {
    const own = ['deployment/netpol-guard', 'lease/netpol-guard', 'secret/netpol-guard', 'configmap/netpol-guard'];
    await demanded(cluster.kubectl(['delete', ...own, '-n', RELEASE.namespace]));
    await demanded(cluster.kubectl(['delete', 'clusterrole/netpol-guard']));
    await proveAllOn();
  });
});

describe('an admission policy refuses', () => {
  test('until somebody with the verb comes, or it is taken off', async () => {
    const refused = ['delete', 'networkpolicy', 'netpol-guard-default-deny', '-n', 'shop', '--dry-run=server'];
    const { stderr } = await cluster.kubectl(refused, { as: { user: 'dana', groups: ['creators'] } });
    expect(stderr).toMatch(page.shown('2. An admission policy refuses'));
    expect((await page.run('Who may pass')).match(/^yes$/gm)).toHaveLength(2);
    expect((await lowers(admin.api)).status).toBe(200);
    const byWebhook = { status: 403, body: { message: expect.stringContaining('"policies-delete.netpol-guard.io"') } };
    expect(await deletes(admin.api)).toMatchObject(byWebhook);

    await page.run('Switch one off');
    const isWebhook = async () =>
      JSON.stringify((await deletes(dana)).body).includes('admission webhook') ? true : undefined;
    await until('the binding to be forgotten', isWebhook);
    expect(await lowers(dana)).toMatchObject(refusedBy('opt-out'));

    await page.run('Switch all of them off');
    await until('the bindings to be forgotten', async () => ((await lowers(dana)).status === 200 ? true : undefined));
    const answer = await admin.api.request('POST', policyPath('default', DRY), openDns);
    expect(answer.status).toBe(403);
    await proveAllOn();
    await until('the baseline to be guarded', async () =>
      JSON.stringify((await deletes(dana)).body).includes("'netpol-guard-baseline'") ? true : undefined,
    );
  });
});

describe('lookups fail', () => {
  const [BY_TIME, REFUSED] = [0, 1];

  test('in one namespace', async () => {
    await demanded(cluster.kubectl(['label', 'namespace', 'shop', '--overwrite', 'netpol-guard.io/baseline=none']));
    await untilHas('shop', []);
    expect(await admin.apply('shop', [allowDns, defaultDeny])).toMatchObject({ status: 0 });
    await demanded(cluster.kubectl(['delete', 'networkpolicy', 'allow-dns', '-n', 'shop']));
    await untilLooksUp(cluster, 'shop', false);
    const { output } = await page.try(WHICH);
    expect(output).toContain(TAKEN);
    const shown = [BY_TIME, REFUSED].map((block) => page.shown('3. Lookups fail', block).test(output));
    expect(shown).toContain(true);
    expect(await page.run('Whose lookups')).toContain('default-deny');

    await page.run('One namespace', 0);
    await untilLooksUp(cluster, 'shop', true);
    await demanded(cluster.kubectl(['delete', 'networkpolicy', 'break-glass-dns', '-n', 'shop']));
    await untilLooksUp(cluster, 'shop', false);
    await page.run('One namespace', 1);
    await untilLooksUp(cluster, 'shop', true);
    await expect(page.run('One namespace: back')).rejects.toThrow('[dns-blocked]');
    await page.run('One namespace', 0);
    await page.run('One namespace: back');
    await untilLooksUp(cluster, 'shop', true);

    await demanded(cluster.kubectl(['delete', 'networkpolicies', '--all', '-n', 'shop']));
    await page.run('The baseline of a namespace', 2);
    await untilHas('shop', BASELINE);
  });

  test('under all baselines', async () => {
    await page.run('All baselines', 0);
    for (const name of ['shop', 'late']) await untilHas(name, []);
    await page.run('All baselines', 1);
    for (const name of ['shop', 'late']) await untilHas(name, BASELINE);
    expect(await policiesOf(admin, 'bare')).toEqual([]);
  });

  test('everywhere, and netpol-guard needs none', async () => {
    const lockdown = () => admin.apply('kube-system', [LOCKDOWN]);
    expect((await lockdown()).stderr).toContain('[dns-servers-isolated]');
    await page.run(OFF);
    await until('the lockdown', async () => ((await lockdown()).status === 0 ? true : undefined));
    for (const name of ['shop', 'bare']) await untilLooksUp(cluster, name, false);
    await demanded(cluster.kubectl(['rollout', 'restart', 'deployment/netpol-guard', '-n', RELEASE.namespace]));
    await proveAllOn();
    const status = ['rollout', 'status', 'deployment/netpol-guard', '-n', RELEASE.namespace, '--timeout=180s'];
    await demanded(cluster.kubectl(status));
    await untilJudged(cluster);
    await untilLooksUp(cluster, 'bare', false);

    expect(await page.run('Whose lookups')).toContain('lockdown');
    await page.run('The DNS pods');
    for (const name of ['shop', 'bare']) await untilLooksUp(cluster, name, true);
  });

  test("but netpol-guard's own way may be shut", async () => {
    expect(await admin.apply(RELEASE.namespace, [LOCKDOWN])).toMatchObject({ status: 0 });
    expect(await page.run('netpol-guard itself')).toContain('lockdown');
    expect(await policiesOf(admin, RELEASE.namespace)).toEqual(['netpol-guard']);
    await untilJudged(cluster);
  });
});

describe('the network plugin is down', () => {
  const outside = ['nslookup', '-type=a', 'example.com', '198.51.100.53'];
  const asksOutside = async (name: string) =>
    (await cluster.kubectl(['exec', '-n', name, 'deployment/web', '--', ...outside])).status === 0;

  test('it is told, got out of the way, and what was written meanwhile holds once it is back', async () => {
    expect([await asksOutside('shop'), await asksOutside('bare')]).toEqual([false, true]);
    await withoutEnforcement(cluster, async () => {
      expect([await asksOutside('shop'), await asksOutside('bare')]).toEqual([false, true]);
      await withoutPodNetwork(cluster, async () => {
        let seen = '';
        await until(
          'the node to say so',
          async () => {
            seen = (await page.try(WHICH)).output;
            return /^n1 +NotReady /m.test(seen) && /^netpol-guard-\S+ +0\/1 +Running /m.test(seen) ? true : undefined;
          },
          60_000,
        );
        expect(seen).toMatch(page.shown('4. The network plugin is down'));
        expect(await page.run('Is it the plugin?')).toContain('NetworkPluginNotReady');
        const offered = await offerEach(cluster.api, 1);
        expect(offered.policy.failed).toBe(1);
        expect([offered.systemPolicy.admitted, offered.pod.admitted]).toEqual([1, 1]);
        await page.run(OFF);
        await untilUnjudged();
        expect(await admin.apply('bare', [LOCKDOWN])).toMatchObject({ status: 0 });
      });
      await page.runUntil('The plugin is back', (output) => /^n1 +Ready /m.test(output));
      // Nobody enforces a new policy yet.
      expect([await asksOutside('shop'), await asksOutside('bare')]).toEqual([false, true]);
    });
    await proveAllOn();
    await until('the policy to be enforced', async () => ((await asksOutside('bare')) ? undefined : true), 60_000);
    await untilLooksUp(cluster, 'shop', true);
  });

  test('on the network of the node it goes on judging', async () => {
    // Pod Security's level `restricted` knows no pods of the node's network.
    const admits = (level: string) =>
      admin.api.request('PATCH', NAMESPACE, label('pod-security.kubernetes.io/enforce', level), MERGE);
    await admits('privileged');
    await demanded(upgrade(helm, inject('current'), { hostNetwork: true, replicas: 1 }));
    await withoutPodNetwork(cluster, async () => {
      const isDown = async () => (/^n1 +NotReady /m.test((await page.try(WHICH)).output) ? true : undefined);
      await until('the node to say so', isDown, 60_000);
      await untilJudged(cluster);
    });
    await page.runUntil('The plugin is back', (output) => /^n1 +Ready /m.test(output));
    await admits('restricted');
  });
});

test('no command of the page was left out, nor anything that it shows', () => {
  expect(page.untouched()).toEqual([]);
});
