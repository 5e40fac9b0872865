/**
 * Bundles the program into dist/: one entry, and chunks for what only some commands need, so that `lint` loads neither
 * the web server nor the cluster's client. `npm run build`.
 */
import { chmod, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

await rm(`${root}/dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { 'netpol-guard': 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // `lint`, `explain` and `version` promise to run there; `serve` and `scan` ask for more themselves.
  target: 'node20',
  minifySyntax: true,
  legalComments: 'linked',
  // Bundled CommonJS packages call `require` for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod(`${root}/dist/netpol-guard.js`, 0o755);
