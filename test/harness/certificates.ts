import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { Connected } from './connected.ts';
import { RELEASE } from './release.ts';

/** SECRET_PATH is where netpol-guard keeps its certificates. */
export const SECRET_PATH = `/api/v1/namespaces/${RELEASE.namespace}/secrets/${RELEASE.name}`;

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1';

/** KeptSecret is the Secret as its admin sees it; decoded. */
export interface KeptSecret {
  readonly version: string;
  readonly data: Readonly<Record<string, string>>;
}

/** readSecret reads netpol-guard's Secret. */
export async function readSecret({ api }: Pick<Connected, 'api'>): Promise<KeptSecret> {
  const { metadata, data = {} } = await api.get<{
    metadata: { resourceVersion: string };
    data?: Readonly<Record<string, string>>;
  }>(SECRET_PATH);
  const decoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()] as const);
  return { version: metadata.resourceVersion, data: Object.fromEntries(decoded) };
}

/** publishedBundles reads the CA bundle of every webhook, by the names of configuration and webhook. */
export async function publishedBundles({ api }: Pick<Connected, 'api'>): Promise<ReadonlyMap<string, string>> {
  const all = await webhooksOf(api);
  return new Map(
    [...all].map(([name, { caBundle }]) => [name, Buffer.from(caBundle ?? '', 'base64').toString()] as const),
  );
}

async function webhooksOf(api: Connected['api']): Promise<ReadonlyMap<string, ClientConfig>> {
  const found = new Map<string, ClientConfig>();
  for (const kind of ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']) {
    const { items } = await api.get<{ items: WebhookConfiguration[] }>(`${WEBHOOKS}/${kind}`);
    for (const { metadata, webhooks = [] } of items) {
      for (const { name, clientConfig } of webhooks) found.set(`${kind}/${metadata.name}/${name}`, clientConfig);
    }
  }
  return found;
}

/** publishedPaths reads where every webhook is called by its Service, by the names of configuration and webhook. */
export async function publishedPaths({ api }: Pick<Connected, 'api'>): Promise<ReadonlyMap<string, string>> {
  const all = await webhooksOf(api);
  return new Map([...all].map(([name, { service }]) => [name, service?.path ?? '']));
}

/** CONFIGURATION_PATH is one of the webhook configurations; its first webhook is `policies`. */
export const CONFIGURATION_PATH = `${WEBHOOKS}/validatingwebhookconfigurations/netpol-guard`;

/** setBundle puts a CA bundle (PEM, or anything) into the first webhook of a configuration. */
export async function setBundle({ api }: Pick<Connected, 'api'>, bundle: string): Promise<void> {
  const value = Buffer.from(bundle).toString('base64');
  const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value }];
  const { status, body } = await api.request('PATCH', CONFIGURATION_PATH, patch, 'application/json-patch+json');
  if (status !== 200) throw new Error(JSON.stringify(body));
}

/** certificatesIn counts the certificates of a bundle. */
export function certificatesIn(bundle: string): readonly X509Certificate[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((pem) => new X509Certificate(pem));
}

/** shake makes a TLS connection to a port of loopback, and returns what is shown there, if the CAs vouch for it. */
export function shake(port: number, ca: string): Promise<X509Certificate> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca }, () => {
      const shown = socket.getPeerX509Certificate();
      socket.destroy();
      if (shown === undefined) reject(new Error('no certificate'));
      else resolve(shown);
    });
    socket.on('error', reject);
  });
}

interface WebhookConfiguration {
  readonly metadata: { readonly name: string };
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: ClientConfig }[];
}

interface ClientConfig {
  readonly caBundle?: string;
  readonly service?: { readonly path?: string };
}
