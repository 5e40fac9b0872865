import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** bundleProbe writes the probe into one file, a module that needs nothing but Node. */
export async function bundleProbe(outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL('probe.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
  });
}
