import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { isWrite } from '../../harness/audit-log.ts';
import { ALLOW_DNS, DEFAULT_DENY, EXEMPT, untilSpecs, WITH_BASELINE } from '../../harness/baseline.ts';
import { makeNamespaces, untilAllStand } from '../../harness/crowd.ts';
import { figure } from '../../harness/figures.ts';
import { policyPath } from '../../harness/policies.ts';
import { OURSELVES } from '../../harness/release.ts';
import { startWorld } from '../../harness/world.ts';

const NAMESPACES = 5;
const FOR_MS = 60_000;
const PAUSE_MS = 100;
const OPENED = [{ op: 'add', path: '/spec/ingress', value: [{}] }];

it('an exempt user deletes and edits managed policies ten times a second for a minute: no hot loop, and all is right soon after', async () => {
  const world = await startWorld({ config: { ...WITH_BASELINE, ...EXEMPT } });
  onTestFinished(world.stop);
  await world.leader();
  const names = await makeNamespaces(world, 'fought', NAMESPACES);
  await untilAllStand(world, names);
  const writesBefore = ourWrites(world).length;

  let attacks = 0;
  const end = Date.now() + FOR_MS;
  for (let turn = 0; Date.now() < end; turn += 1) {
    const path = policyPath(names[turn % names.length] ?? '', `/${turn % 3 === 0 ? ALLOW_DNS : DEFAULT_DENY}`);
    const { status } = await (turn % 2 === 0
      ? world.breakglass.request('DELETE', path)
      : world.breakglass.request('PATCH', path, OPENED, 'application/json-patch+json'));
    if (status === 200) attacks += 1;
    await pause(PAUSE_MS);
  }
  const ended = performance.now();
  const writes = ourWrites(world).length - writesBefore;
  const calm = await world.namespace();
  await untilSpecs(world, calm);
  await untilAllStand(world, names, 60_000);

  figure(
    'an adversary for a minute',
    `${attacks} deletions and edits that took, ${writes} writes of ours in ${NAMESPACES} namespaces`,
  );
  figure('an adversary: all is right again', `${Math.round(performance.now() - ended)} ms after the last one`);
  // Each namespace is healed at most 5 times at once, then every 250 ms, and ever more seldom.
  expect(writes).toBeLessThan(NAMESPACES * 30);
  expect(await world.guards[0]?.metric('netpol_guard_internal_errors_total', { kind: 'review' })).toBe(0);
}, 180_000);

function ourWrites(world: { auditLog: Awaited<ReturnType<typeof startWorld>>['auditLog'] }) {
  return world
    .auditLog()
    .filter(
      (event) => event.user.username === OURSELVES && isWrite(event) && event.objectRef?.resource === 'networkpolicies',
    );
}
