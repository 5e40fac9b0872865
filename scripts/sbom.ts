/** Writes the bill of materials of the image, as CycloneDX JSON: `npm run sbom -- --output FILE`. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.ts';
import { PINNED_NODE } from './image/node.ts';
import { billOfMaterials } from './sbom/bill.ts';

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'netpol-guard.cdx.json' },
    node: { type: 'string', default: PINNED_NODE },
  },
});

const dist = await mkdtemp(join(tmpdir(), 'netpol-guard-dist-'));
try {
  await writeFile(values.output, billOfMaterials(await bundle(dist), values.node));
  console.log(values.output);
} finally {
  await rm(dist, { recursive: true });
}
