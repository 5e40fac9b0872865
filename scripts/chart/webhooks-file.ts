import { webhookConfigurations } from '../../src/admission/registration/webhook-configurations.ts';
import { SYSTEM_NAMESPACE_NAMES } from '../../src/policy/model/system-namespaces.ts';
import { PLACEHOLDERS, substitute } from './placeholders.ts';

/** Sorted first of all names, and no name itself. */
const EXEMPT = '!exempt';
const DNS = '!dns';
const EXCLUDED = '!excluded';

/**
 * webhooksFile is the registration of the webhook, as JSON with placeholders: files/webhooks.json. Each webhook carries
 * the key of its settings under `webhook` in values.yaml.
 */
export function webhooksFile(): string {
  const { namespace, serviceAccount, name } = PLACEHOLDERS;
  const release = { namespace: EXEMPT, serviceAccount, dnsNamespaces: [DNS], excludedNamespaces: [EXCLUDED] };
  const configurations = webhookConfigurations(release, { service: { namespace: EXEMPT, name, port: 443 } });
  const keyed = configurations.map(({ kind, metadata, webhooks }) => ({
    kind,
    name: metadata.name,
    webhooks: webhooks.map((webhook) => ({ key: keyOf(webhook), webhook })),
  }));
  const exempt = [EXEMPT, ...SYSTEM_NAMESPACE_NAMES].sort();
  const dns = [...new Set([DNS, 'openshift-dns', ...SYSTEM_NAMESPACE_NAMES])].sort();
  let text = JSON.stringify(keyed);
  text = substitute(text, JSON.stringify(exempt), JSON.stringify([PLACEHOLDERS.exemptNamespaces]));
  text = substitute(text, JSON.stringify(dns), JSON.stringify([PLACEHOLDERS.dnsNamespaces]));
  text = substitute(text, `'${exempt.join("', '")}'`, `'${PLACEHOLDERS.exemptNamespacesInCel}'`);
  text = substitute(text, `, '^${EXCLUDED}$'`, PLACEHOLDERS.excludedNamespacesInCel);
  return substitute(text, EXEMPT, namespace);
}

/** namespacesFile lists the namespaces that webhooks name: files/namespaces.json. */
export function namespacesFile(): string {
  const dns = [...new Set(['openshift-dns', ...SYSTEM_NAMESPACE_NAMES])].sort();
  return JSON.stringify({ system: [...SYSTEM_NAMESPACE_NAMES].sort(), dns });
}

/** `policies-delete.netpol-guard.io` is set under `policiesDelete`. Under `webhook.labels` one would look for labels of the webhook. */
function keyOf(webhook: object): string {
  const name = 'name' in webhook ? String(webhook.name).replace(/\..*$/, '') : '';
  if (name === 'labels') return 'namespaceLabels';
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
