import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Opened, openCluster } from '../cluster/cluster.ts';
import { RELEASE } from '../harness/release.ts';
import { until } from '../harness/until.ts';
import { furnish, RATE, startAdmissions } from './admissions/admissions.ts';
import { startCalls } from './admissions/calls.ts';
import { expectNothingLost, lostRow } from './admissions/lost.ts';
import { offerEach } from './admissions/offers.ts';
import { findHelm, type Helm, merged, type Values } from './installed/helm.ts';
import { inventory } from './installed/inventory.ts';
import { clearAway, demanded, install, makeNamespace, testRelease, untilJudged, upgrade } from './installed/release.ts';
import { record } from './report.ts';

const current = inject('current');
const REMOVABLE: Readonly<Record<string, Values>> = {
  'netpol-guard-gate': { config: { gate: { enabled: false } } },
  'netpol-guard-policies-delete': { webhook: { policiesDelete: { enabled: false } } },
  'netpol-guard-dns-plane': { webhook: { dnsPlane: { enabled: false } } },
};

let cluster: Opened;
let helm: Helm;

beforeAll(async () => {
  cluster = await openCluster();
  helm = await findHelm(4, cluster);
  await makeNamespace(cluster);
  await furnish(cluster.api);
});

afterAll(async () => {
  await cluster.close();
});

/** Validating webhook configurations by name, each with whether all of its webhooks have a CA. */
async function configurations(): Promise<Readonly<Record<string, boolean>>> {
  interface Configuration {
    readonly metadata: { readonly name: string };
    readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
  }
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  const { items } = await cluster.api.get<{ readonly items: readonly Configuration[] }>(path);
  const hasCa = ({ webhooks }: Configuration) =>
    webhooks.every(({ clientConfig }) => clientConfig.caBundle !== undefined);
  return Object.fromEntries(items.map((item) => [item.metadata.name, hasCa(item)]));
}

describe('webhooks that can be switched off', () => {
  let all: readonly string[];

  beforeAll(async () => {
    await demanded(install(helm, current));
    await untilJudged(cluster);
  });
  afterAll(async () => {
    await clearAway(cluster, helm);
  });

  test('go by upgrades, one after another; nothing is lost meanwhile', async () => {
    all = Object.keys(await configurations());
    expect(all).toEqual(expect.arrayContaining(['netpol-guard', ...Object.keys(REMOVABLE)]));
    const calls = await startCalls(cluster.api);
    const admissions = await startAdmissions(cluster.api);
    let values: Values = {};
    const gone: string[] = [];
    for (const [name, off] of Object.entries(REMOVABLE)) {
      values = merged(values, off);
      gone.push(name);
      await demanded(upgrade(helm, current, values));
      expect(Object.keys(await configurations()).toSorted()).toEqual(
        all.filter((one) => !gone.includes(one)).toSorted(),
      );
    }
    const counts = await admissions.stop();
    const counted = await calls();
    expectNothingLost(counts, counted, 'changing');
    record('graceful', { what: 'upgrades with Helm 4 that switch webhooks off', ...lostRow(counts, counted) });
  });

  test('come back by an upgrade, with a CA; until they have it they fail open, and nothing is refused', async () => {
    const calls = await startCalls(cluster.api);
    const admissions = await startAdmissions(cluster.api);
    const began = Date.now();
    await demanded(upgrade(helm, current));
    await until('every webhook to have its CA', async () => {
      const found = await configurations();
      return Object.keys(found).length === all.length && Object.values(found).every(Boolean) ? true : undefined;
    });
    const seconds = (Date.now() - began) / 1000;
    const { total } = await admissions.stop();
    const { failed, failedOpen } = await calls();
    expect(failed).toBe(0);
    expect(failedOpen).toBeLessThanOrEqual(RATE * seconds);
    record('ungraceful', {
      what: 'webhooks switched on again, all at once',
      lost: `none of ${total} was refused; ${failedOpen} calls failed open`,
      bound: `none refused; those of the ${seconds.toFixed(1)} s until each of them had its CA`,
    });
  });
});

/** The command that NOTES.txt gives, for a shell. */
async function rescueCommand(): Promise<readonly string[]> {
  const notes = await demanded(helm(['get', 'notes', RELEASE.name, '--namespace', RELEASE.namespace]));
  const [command] = /kubectl delete validatingwebhookconfiguration.*\\\n.*/.exec(notes) ?? [];
  if (command === undefined) throw new Error(`no such command in the notes:\n${notes}`);
  return command.replace('kubectl ', '').replace('\\\n', ' ').trim().split(/\s+/);
}

describe('an uninstallation that went wrong', () => {
  test('whose namespace was deleted first: the documented command rescues, and it can be installed again', async () => {
    const before = await inventory(cluster.api);
    await demanded(install(helm, current));
    const rescue = await rescueCommand();
    await demanded(cluster.kubectl(['delete', 'namespace', RELEASE.namespace, '--timeout=180s']));
    expect((await offerEach(cluster.api, 3)).policy).toEqual({ admitted: 0, failed: 3, other: [] });
    await demanded(cluster.kubectl(rescue));
    expect((await offerEach(cluster.api, 3)).policy).toEqual({ admitted: 3, failed: 0, other: [] });
    await makeNamespace(cluster);
    await demanded(install(helm, current));
    await demanded(testRelease(helm));
    await clearAway(cluster, helm);
    await expectAsBefore(before);
    record('installation', {
      what: 'its namespace deleted, and not the release',
      result:
        'policies are refused; the command in NOTES mends that at once; installed again and uninstalled, nothing is left',
    });
  });

  test('whose Helm was killed in the middle of it: once more, and it is gone', async () => {
    const before = await inventory(cluster.api);
    await demanded(install(helm, current));
    const killed = await helm.killedOnce(['uninstall', RELEASE.name, '--namespace', RELEASE.namespace], async () => {
      return Object.keys(await configurations()).length < 5;
    });
    expect(killed).toBe('SIGKILL');
    await clearAway(cluster, helm);
    await expectAsBefore(before);
    record('installation', { what: '`helm uninstall` killed in the middle', result: 'run again, it leaves nothing' });
  });
});

async function expectAsBefore(before: readonly string[]): Promise<void> {
  const isOurs = (object: string) => object.includes('netpol-guard');
  await until(
    'nothing to be left',
    async () => {
      const left = (await inventory(cluster.api)).filter((object) => isOurs(object) && !before.includes(object));
      return left.length === 0 ? true : undefined;
    },
    90_000,
  );
}
