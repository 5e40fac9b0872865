/**
 * Starts a Kubernetes control plane on loopback with netpol-guard in it, and says how to use it: `npm run playground`.
 * It has no nodes, so nothing runs there; everything that an API server does can be seen. Ctrl-C ends it all.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { applyPolicies, renderPolicies } from '../test/e2e/harness/admission-policies.ts';
import { createApiClient } from '../test/e2e/harness/api-client.ts';
import { bundle } from '../test/e2e/harness/bundle.ts';
import { startControlPlane } from '../test/e2e/harness/control-plane.ts';
import { startGuard } from '../test/e2e/harness/guard.ts';
import { createKubectl } from '../test/e2e/harness/kubectl.ts';
import { installRelease, OURSELVES } from '../test/e2e/harness/release.ts';
import { registerWebhooks } from '../test/e2e/harness/webhooks.ts';
import { findPrograms } from '../test/programs/control-plane.ts';

/** The program's own defaults, and a user who may do what nobody else may. */
const CONFIGURATION = {
  baseline: { template: 'default-deny' },
  gate: { enabled: true },
  exemptions: { users: ['breakglass'] },
};

const ended = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
});
const program = bundle();
const controlPlane = await startControlPlane(await findPrograms('current'));
try {
  const { address } = controlPlane;
  const kubectl = createKubectl(address.kubectl, address.kubeconfig, address.folder);
  await installRelease(kubectl);
  const guard = await startGuard(program.folder, address, kubectl, { config: CONFIGURATION });
  const api = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin);
  const ourselves = createApiClient(address.server, readFileSync(address.caFile, 'utf8'), address.admin, {
    user: OURSELVES,
    groups: [],
  });
  await applyPolicies(renderPolicies(CONFIGURATION), kubectl, ourselves);
  await registerWebhooks(guard, 'url', kubectl, api);
  await Promise.all([api.close(), ourselves.close()]);
  console.log(
    [
      '',
      'netpol-guard guards a cluster of its own. In another terminal:',
      '',
      `  export KUBECONFIG=${address.kubeconfig} PATH=${dirname(address.kubectl)}:$PATH`,
      '',
      'Ctrl-C ends it.',
    ].join('\n'),
  );
  await ended;
  await guard.process.stop('SIGKILL');
} finally {
  await controlPlane.stop();
  program.remove();
}
