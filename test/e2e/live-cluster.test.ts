import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPrograms } from '../controlplane/binaries.ts';
import { type ApiClient, createApiClient } from './harness/api-client.ts';
import { type ControlPlane, startControlPlane } from './harness/control-plane.ts';
import { readAuditLog } from './harness/fixture.ts';
import { type Guard, RELEASE, registerWebhooks, startGuard } from './harness/guard.ts';
import { createKubectl, type Kubectl } from './harness/kubectl.ts';
import { allowDns, defaultDeny, openDns, policyPath } from './harness/policies.ts';
import { until } from './harness/until.ts';

let controlPlane: ControlPlane;
let kubectl: Kubectl;
let api: ApiClient;
let guard: Guard;

const OURSELVES = `system:serviceaccount:${RELEASE.namespace}:${RELEASE.serviceAccount}`;

const ourRequests = () =>
  readAuditLog(controlPlane.address.auditLog).filter((event) => event.user.username === OURSELVES);

const createNamespace = async (name: string): Promise<void> => {
  const answer = await api.request('POST', '/api/v1/namespaces', { metadata: { name } });
  expect(answer.status).toBe(201);
};

const write = (namespace: string, policy: object) => api.request('POST', policyPath(namespace), policy);

beforeAll(async () => {
  controlPlane = await startControlPlane(findPrograms('current'));
  const { address } = controlPlane;
  kubectl = createKubectl(address.kubectl, address.kubeconfig, address.folder);
  api = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin);
  await kubectl(['apply', '-f', `${import.meta.dirname}/manifests`]);
  guard = await startGuard(address, kubectl);
  await registerWebhooks(guard, 'url', kubectl, api);
});

afterAll(async () => {
  await guard?.process.stop('SIGKILL');
  await api?.close();
  await controlPlane?.stop();
});

describe('requests to the API server', () => {
  it('an allowing verdict makes none', async () => {
    await createNamespace('allowing');
    const before = ourRequests().length;

    for (let index = 0; index < 100; index += 1) {
      const answer = await write('allowing', { ...allowDns, metadata: { name: `allow-dns-${index}` } });
      expect(answer).toMatchObject({ status: 201, warnings: [] });
    }

    const since = ourRequests().slice(before);
    expect(since.filter((event) => event.verb !== 'watch')).toEqual([]);
  });

  it('a denial that rests on the union of policies is confirmed by a live read', async () => {
    await createNamespace('denying');
    const before = ourRequests().length;

    expect(await write('denying', defaultDeny)).toMatchObject({ status: 403 });

    const reads = ourRequests()
      .slice(before)
      .filter((event) => event.verb !== 'watch');
    expect(reads.map((read) => read.verb)).toContain('list');
    for (const read of reads)
      expect(read.requestURI).toMatch(
        /^\/apis$|^\/api\/v1\/namespaces\/denying$|\/namespaces\/denying\/networkpolicies\b/,
      );
  });

  it('none is ever refused: the rights of the account suffice', () => {
    expect(ourRequests().filter((event) => event.responseStatus?.code === 403)).toEqual([]);
  });
});

describe('the API server goes and comes back', () => {
  it('verdicts are right again at once, with what was written meanwhile', async () => {
    await createNamespace('before');
    expect(await write('before', allowDns)).toMatchObject({ status: 201 });

    await controlPlane.restartApiServer();

    expect(await write('before', defaultDeny)).toMatchObject({ status: 201 });
    await createNamespace('after');
    expect(await write('after', defaultDeny)).toMatchObject({ status: 403 });
    expect(await write('after', allowDns)).toMatchObject({ status: 201 });
    expect(await write('after', defaultDeny)).toMatchObject({ status: 201 });
    expect(await write('after', openDns)).toMatchObject({ status: 403 });
    expect(guard.process.exitCode()).toBeUndefined();
  });

  it('and again, thrice in a row, without growing lists of watches', async () => {
    for (let round = 0; round < 3; round += 1) await controlPlane.restartApiServer();
    await until('netpol-guard to be ready', async () => ((await guard.ready()) ? true : undefined));
    await createNamespace('thrice');

    expect(await write('thrice', allowDns)).toMatchObject({ status: 201 });
    expect(await write('thrice', defaultDeny)).toMatchObject({ status: 201, warnings: [] });
  });

  it('a pause of some seconds changes nothing', async () => {
    await createNamespace('paused');
    controlPlane.signalApiServer('SIGSTOP');
    const answer = write('paused', allowDns);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    controlPlane.signalApiServer('SIGCONT');

    expect(await answer).toMatchObject({ status: 201 });
    expect(await write('paused', defaultDeny)).toMatchObject({ status: 201 });
  });
});
