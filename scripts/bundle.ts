import { chmod } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

/**
 * bundle writes the program into a folder: one entry, another for its thread, and chunks for code that only some
 * commands need, so that `lint` loads neither the web server nor the cluster client. Returns the folders of the bundled
 * packages, relative to the root of this repository: `node_modules/fastify`.
 */
export async function bundle(outdir: string): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    entryPoints: { 'netpol-guard': 'src/main.ts', 'reading-worker': 'src/commands/serve/reading-worker.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    // `lint`, `explain` and `version` must run there; `serve` and `scan` check for a newer Node themselves.
    target: 'node20',
    minifySyntax: true,
    legalComments: 'linked',
    // Paths get into the output: it must not matter where node_modules really lies.
    preserveSymlinks: true,
    // Bundled CommonJS packages call `require` for Node's own modules.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    logLevel: 'warning',
    metafile: true,
  });
  await chmod(`${outdir}/netpol-guard.js`, 0o755);
  return packageFolders(metafile);
}

/** Only those inputs that contributed to the output. */
function packageFolders({ outputs }: Metafile): ReadonlySet<string> {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  return new Set(files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
}
