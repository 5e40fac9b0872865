import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';

/**
 * Takes client-node out of the program: its authenticators are there, and do nothing. The types of a kubeconfig stay,
 * which import nothing and without which no API server would be found.
 */
const WITHOUT_CLIENT_NODE: Plugin = {
  name: 'without client-node',
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^@kubernetes\/client-node\/dist\/\w+_auth/ }, ({ path }) => ({
      path,
      namespace: 'nothing',
    }));
    esbuild.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({
      contents: 'export class ExecAuth {} export class FileAuth {} export class OpenIDConnectAuth {}',
    }));
  },
};

/** bundle builds the program as `npm run build` does, with client-node or without, and returns its path. */
export async function bundle(folder: string, clientNode: 'with' | 'without'): Promise<string> {
  const outdir = join(folder, `dist-${clientNode}`);
  await build({
    absWorkingDir: join(import.meta.dirname, '../..'),
    entryPoints: { 'netpol-guard': 'src/main.ts' },
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
    plugins: clientNode === 'with' ? [] : [WITHOUT_CLIENT_NODE],
  });
  return join(outdir, 'netpol-guard.mjs');
}
