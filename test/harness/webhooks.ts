import type { Release } from '../../src/admission/registration/entries.ts';
import {
  type WebhookClientConfig,
  type WebhookConfiguration,
  webhookConfigurations,
} from '../../src/admission/registration/webhook-configurations.ts';
import type { ApiClient } from './api-client.ts';
import type { Guard } from './guard.ts';
import type { Kubectl } from './kubectl.ts';
import { RELEASE } from './release.ts';
import { until } from './until.ts';

/** How the API server reaches a process; `kept` is by its Service, where the process itself writes paths and CA. */
export type Way = 'url' | 'service' | 'kept';

/** registerWebhooks registers a process of this machine. */
export async function registerWebhooks(
  guard: Pick<Guard, 'url' | 'port' | 'caBundle'> & Pick<Release, 'excludedNamespaces'>,
  reach: Way,
  kubectl: Kubectl,
  api: ApiClient,
): Promise<void> {
  const { port, caBundle, excludedNamespaces = [] } = guard;
  if (reach !== 'url') await createService(port, kubectl);
  const { namespace, serviceAccount: name } = RELEASE;
  const way = reach === 'url' ? { url: guard.url } : { service: { namespace, name, port } };
  const full = { ...way, ...(caBundle !== undefined && { caBundle }) };
  await registerAll(configurationsOf(reach === 'kept' ? 'chart' : 'plain', full, excludedNamespaces), kubectl, api);
}

/** register installs the configurations of a webhook that is reached so, and returns once the API server obeys them. */
export async function register(reach: WebhookClientConfig, kubectl: Kubectl, api: ApiClient): Promise<void> {
  await registerAll(configurationsOf('plain', reach), kubectl, api);
}

async function registerAll(items: readonly WebhookConfiguration[], kubectl: Kubectl, api: ApiClient): Promise<void> {
  await applied(kubectl, { apiVersion: 'v1', kind: 'List', items });
  await until('the webhook configurations to be obeyed', async () =>
    (await isValidating(api)) && (await isMutating(api)) ? true : undefined,
  );
}

/** unregisterWebhooks removes the configurations and returns once the API server has forgotten them. */
export async function unregisterWebhooks(kubectl: Kubectl, api: ApiClient): Promise<void> {
  await kubectl(['delete', 'validatingwebhookconfigurations,mutatingwebhookconfigurations', '--all']);
  await until('the webhook configurations to be forgotten', async () =>
    (await isValidating(api)) || (await isMutating(api)) ? undefined : true,
  );
}

/** A policy that every configuration says something about is offered, by dry run. */
async function isValidating(api: ApiClient): Promise<boolean> {
  const marker = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'marker' },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
  };
  const path = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies?dryRun=All';
  const answer = await api.request('POST', path, marker);
  return answer.status !== 201 || answer.warnings.length > 0;
}

/** A label that is not the submitter's to set is offered, by dry run, and taken away. */
async function isMutating(api: ApiClient): Promise<boolean> {
  const labels = { 'netpol-guard.io/baseline': 'none', 'netpol-guard.io/baseline-status': 'pending' };
  const marker = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'marker', labels } };
  const answer = await api.request('POST', '/api/v1/namespaces?dryRun=All', marker);
  return answer.status === 201 && !JSON.stringify(answer.body).includes('"netpol-guard.io/baseline-status":"pending"');
}

/** Without kube-proxy, a Service of type ExternalName still leads the API server to a process on this machine. */
async function createService(port: number, kubectl: Kubectl): Promise<void> {
  await applied(kubectl, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: RELEASE.serviceAccount, namespace: RELEASE.namespace },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port, protocol: 'TCP' }] },
  });
}

async function applied(kubectl: Kubectl, object: object): Promise<void> {
  const result = await kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(object) });
  if (result.status !== 0) throw new Error(result.stderr);
}

/** configurationsOf are the webhook configurations as manifests: `chart` as the chart has them under selfSigned. */
export function configurationsOf(
  form: 'plain' | 'chart',
  reach: WebhookClientConfig,
  excludedNamespaces: readonly string[] = [],
): readonly WebhookConfiguration[] {
  // In this order the one that is waited for comes last of its kind.
  const all = webhookConfigurations({ ...RELEASE, excludedNamespaces }, reach).toReversed();
  return form === 'plain' ? all : all.map(withoutPaths);
}

function withoutPaths(configuration: WebhookConfiguration): WebhookConfiguration {
  const webhooks = configuration.webhooks as readonly { clientConfig: { service: { path?: string } } }[];
  return {
    ...configuration,
    webhooks: webhooks.map(({ clientConfig, ...webhook }) => {
      const { path: _, ...service } = clientConfig.service;
      return { ...webhook, clientConfig: { ...clientConfig, service } };
    }),
  };
}
