import { Agent, request } from 'undici';
import { CONFIGURATION_PATH, publishedPaths, readSecret } from './certificates.ts';
import type { Connected } from './connected.ts';
import type { Guard } from './guard.ts';

/** readSecrets reads the secrets of the paths that netpol-guard keeps, the newest first; empty for none. */
export async function readSecrets(cluster: Pick<Connected, 'api'>): Promise<readonly string[]> {
  const { data } = await readSecret(cluster);
  const { secrets }: { secrets: readonly string[] } = JSON.parse(data['path-secrets.json'] ?? '{"secrets":[]}');
  return secrets;
}

/** pathsEndIn says whether every webhook is called at its path with that secret, or, without, at its path alone. */
export async function pathsEndIn(cluster: Pick<Connected, 'api'>, secret?: string): Promise<boolean> {
  const paths = [...(await publishedPaths(cluster)).values()];
  const expected = new RegExp(`^/(validate|mutate|gate|opt-out)${secret === undefined ? '' : `/${secret}`}$`);
  return paths.length > 0 && paths.every((path) => expected.test(path));
}

/** setPath writes where the first webhook of a configuration is called; undefined takes that away. */
export async function setPath({ api }: Pick<Connected, 'api'>, path: string | undefined): Promise<void> {
  const at = '/webhooks/0/clientConfig/service/path';
  const patch = [path === undefined ? { op: 'remove', path: at } : { op: 'add', path: at, value: path }];
  const { status, body } = await api.request('PATCH', CONFIGURATION_PATH, patch, 'application/json-patch+json');
  if (status !== 200) throw new Error(JSON.stringify(body));
}

/** callAt posts something that is no review to a path of a process, and returns what it answers. */
export async function callAt(guard: Pick<Guard, 'port'>, ca: string, path: string) {
  const dispatcher = new Agent({ connect: { ca } });
  try {
    const headers = { 'content-type': 'application/json' };
    const url = `https://127.0.0.1:${guard.port}${path}`;
    const { statusCode, body } = await request(url, { method: 'POST', headers, body: '{}', dispatcher });
    return { status: statusCode, text: await body.text() };
  } finally {
    await dispatcher.close();
  }
}
