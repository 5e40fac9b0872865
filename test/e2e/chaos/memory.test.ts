import { expect, it, onTestFinished } from 'vitest';
import type { Answer } from '../../harness/api-client.ts';
import { EXEMPT, WITH_BASELINE } from '../../harness/baseline.ts';
import { makeNamespaces, untilAllStand } from '../../harness/crowd.ts';
import { figure } from '../../harness/figures.ts';
import { chartMemory, limitMemory, type MemoryLimit } from '../../harness/memory-limit.ts';
import { allowDns, egressPolicy, openDns, policyPath } from '../../harness/policies.ts';
import { RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
import { startWorld, type World } from '../../harness/world.ts';

const TENANTS = 10;
/** Of each kind, by each tenant, with the webhook in the way; and past it, by a user who is exempt. */
const EACH = 3;
const PAST_IT = 4;

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const ingressPolicy = (name: string, ingress: readonly object[]) => ({
  ...egressPolicy(name, []),
  spec: { podSelector: { matchLabels: { a: 'b' } }, policyTypes: ['Ingress'], ingress },
});
const web = [{ protocol: 'TCP', port: 8443 }];
const app = (i: number) => ({ podSelector: { matchLabels: { app: `app-${i}` } } });
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`;

/** The largest of each kind that a replica takes. */
const WORST: Readonly<Record<string, (name: string) => object>> = {
  'empty ports': (name) => ingressPolicy(name, [{ ports: many(99_000, () => ({})) }]),
  'empty rules': (name) =>
    ingressPolicy(
      name,
      many(99_000, () => ({})),
    ),
  clients: (name) => ingressPolicy(name, [{ from: many(9000, app), ports: web }]),
  servers: (name) => egressPolicy(name, [{ to: many(9000, app), ports: web }]),
  rules: (name) =>
    egressPolicy(
      name,
      many(4500, (i) => ({ to: [{ ipBlock: { cidr: address(i) } }], ports: web })),
    ),
};

it('ten tenants fill their namespaces with the worst policies there are: no replica dies, and the leader goes on leading', async () => {
  const { bytes, nodeOptions } = chartMemory();
  const limits: MemoryLimit[] = [];
  const memoryOf = (replica: string) => {
    const memory = limitMemory(replica, bytes);
    limits.push(memory);
    return { memory, env: { NODE_OPTIONS: nodeOptions } };
  };
  const world = await startWorld({ config: { ...WITH_BASELINE, ...EXEMPT }, replicas: 2, memoryOf });
  onTestFinished(async () => {
    await world.stop();
    for (const limit of limits) limit.remove();
  });
  const names = await makeNamespaces(world, 'tenant', TENANTS);
  await untilAllStand(world, names);
  const began = performance.now();

  const answers = await Promise.all(names.map((namespace) => fill(world, namespace)));
  const stored = answers.flat().filter(({ status }) => status === 201).length;
  await Promise.all(names.map((namespace) => fillPast(world, namespace)));

  const [first] = world.guards;
  first?.process.signal('SIGKILL');
  const fresh = await world.start('netpol-guard-2');
  const alive = world.guards.filter((guard) => guard !== first);
  world.balancer.route(alive.map(({ port }) => port));

  const leader = await world.leader();
  const renewed = await renewTime(world);
  await until('the leader to renew its Lease', async () => ((await renewTime(world)) === renewed ? undefined : true));
  expect(await world.leader()).toBe(leader);
  const calm = await world.namespace();
  expect((await world.api.request('POST', policyPath(calm), allowDns)).status).toBe(201);
  expect((await world.api.request('POST', policyPath(calm), openDns)).status).toBe(403);
  expect(await world.api.request('POST', policyPath(names[0] ?? ''), openDns)).toMatchObject({ status: 403 });
  for (const { process } of alive) expect(process.exitCode()).toBeUndefined();
  expect(await fresh.ready()).toBe(true);

  const peaks = limits.map((limit) => `${Math.round(limit.peak() / 1024 ** 2)} MB`);
  const took = `${Math.round((performance.now() - began) / 1000)} s`;
  figure(
    'ten tenants fill their namespaces',
    `${stored} admitted, and ${TENANTS * PAST_IT} past the webhook, in ${took}`,
  );
  figure('ten tenants: the most that each replica took', `${peaks.join(', ')} of ${bytes / 1024 ** 2} MB`);
}, 600_000);

/** There is no room, too many large ones wait, or ten tenants at once are too many to be answered in time. */
const REFUSED = /policy-too-complicated|try again|deadline exceeded/;

/** A tenant tries each kind in turn. */
async function fill({ api }: World, namespace: string): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let round = 0; round < EACH; round += 1) {
    for (const [kind, make] of Object.entries(WORST)) {
      const name = `${kind.replace(' ', '-')}-${round}`;
      const answer = await api.request('POST', policyPath(namespace), make(name));
      if (answer.status !== 201) expect(JSON.stringify(answer.body)).toMatch(REFUSED);
      answers.push(answer);
    }
  }
  return answers;
}

/** As if they had been stored before netpol-guard was there. */
async function fillPast({ breakglass }: World, namespace: string): Promise<void> {
  for (let i = 0; i < PAST_IT; i += 1) {
    const kind = i % 2 === 0 ? WORST['servers'] : WORST['rules'];
    const policy = kind?.(`past-${i}`);
    const store = async () => (await breakglass.request('POST', policyPath(namespace), policy)).status;
    await until('a policy to be stored', async () => ([201, 409].includes(await store()) ? true : undefined), 60_000);
  }
}

async function renewTime({ api }: World): Promise<string> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${RELEASE.namespace}/leases/${RELEASE.name}`;
  return (await api.get<{ spec: { renewTime: string } }>(path)).spec.renewTime;
}
