import manifest from '../../package.json' with { type: 'json' };

/** docsAddress returns the address of a version's documentation: on the branch if it is not released yet. */
export function docsAddress(version: string): string {
  const ref = version.endsWith('-dev') ? 'main' : `v${version}`;
  return `https://github.com/netpol-guard/netpol-guard/blob/${ref}/docs`;
}

/** DOCS_BASE_URL is that of the version which runs. */
export const DOCS_BASE_URL: string = docsAddress(manifest.version);
