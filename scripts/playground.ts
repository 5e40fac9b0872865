/**
 * Starts a Kubernetes control plane on loopback with netpol-guard in it, and prints how to use it: `npm run
 * playground`. It has no nodes, so no pods run; everything that an API server does can be tried. Ctrl-C stops it.
 */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { findPrograms } from '../programs/control-plane.ts';
import { applyPolicies, renderPolicies } from '../test/harness/admission-policies.ts';
import { createApiClient } from '../test/harness/api-client.ts';
import { bundle } from '../test/harness/bundle.ts';
import { startControlPlane } from '../test/harness/control-plane.ts';
import { startGuard } from '../test/harness/guard.ts';
import { createKubectl } from '../test/harness/kubectl.ts';
import { installRelease, OURSELVES } from '../test/harness/release.ts';
import { registerWebhooks } from '../test/harness/webhooks.ts';

/** The program's own defaults, and a user with rights that no one else has. */
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
      'netpol-guard is guarding a test cluster. In another terminal:',
      '',
      `  export KUBECONFIG=${address.kubeconfig} PATH=${dirname(address.kubectl)}:$PATH`,
      '',
      'Press Ctrl-C to stop.',
    ].join('\n'),
  );
  await ended;
  await guard.process.stop('SIGKILL');
} finally {
  await controlPlane.stop();
  program.remove();
}
