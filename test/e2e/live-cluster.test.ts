import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowDns, defaultDeny, openDns, policyPath } from '../harness/policies.ts';
import { OURSELVES } from '../harness/release.ts';
import { until } from '../harness/until.ts';
import { startWorld, type World } from '../harness/world.ts';

let world: World;

/** The Lease is renewed by the clock, whatever is asked of the webhook. */
const ourRequests = () =>
  world.auditLog().filter(({ user, objectRef }) => user.username === OURSELVES && objectRef?.resource !== 'leases');

const createNamespace = async (name: string): Promise<void> => {
  const answer = await world.api.request('POST', '/api/v1/namespaces', { metadata: { name } });
  expect(answer.status).toBe(201);
};

const write = (namespace: string, policy: object) => world.api.request('POST', policyPath(namespace), policy);

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

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

    await world.controlPlane.restart('kube-apiserver');

    expect(await write('before', defaultDeny)).toMatchObject({ status: 201 });
    await createNamespace('after');
    expect(await write('after', defaultDeny)).toMatchObject({ status: 403 });
    expect(await write('after', allowDns)).toMatchObject({ status: 201 });
    expect(await write('after', defaultDeny)).toMatchObject({ status: 201 });
    expect(await write('after', openDns)).toMatchObject({ status: 403 });
    expect(world.guards[0]?.process.exitCode()).toBeUndefined();
  });

  it('and again, thrice in a row, without growing lists of watches', async () => {
    for (let round = 0; round < 3; round += 1) await world.controlPlane.restart('kube-apiserver');
    await until('netpol-guard to be ready', async () => ((await world.guards[0]?.ready()) ? true : undefined));
    await createNamespace('thrice');

    expect(await write('thrice', allowDns)).toMatchObject({ status: 201 });
    expect(await write('thrice', defaultDeny)).toMatchObject({ status: 201, warnings: [] });
  });

  it('a pause of some seconds changes nothing', async () => {
    await createNamespace('paused');
    world.controlPlane.signal('kube-apiserver', 'SIGSTOP');
    const answer = write('paused', allowDns);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    world.controlPlane.signal('kube-apiserver', 'SIGCONT');

    expect(await answer).toMatchObject({ status: 201 });
    expect(await write('paused', defaultDeny)).toMatchObject({ status: 201 });
  });
});
