/**
 * Builds the program and puts it into an image, without Docker or a registry: `npm run image -- --output FILE --tag
 * REF` writes an archive for `docker load`, `podman load` or `ctr images import`. With `--tree FOLDER` it only writes
 * the files, which is how the Dockerfile gets the same ones; `--node PROGRAM` is another Node than the one that npm
 * installed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from './bundle.ts';
import { writeImageArchive } from './image/archive.ts';
import { PINNED_NODE } from './image/node.ts';
import { productFiles, productImage, REFERENCE } from './image/product.ts';
import { writeTree } from './image/tree.ts';
import { billOfMaterials } from './sbom/bill.ts';

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'netpol-guard-image.tar' },
    tag: { type: 'string', default: REFERENCE },
    tree: { type: 'string' },
    node: { type: 'string', default: PINNED_NODE },
  },
});

// Not in dist/, which belongs to `npm run build`.
const dist = await mkdtemp(join(tmpdir(), 'netpol-guard-dist-'));
try {
  const { node } = values;
  const product = { dist, node, sbom: billOfMaterials(await bundle(dist), node) };
  if (values.tree === undefined) {
    const { id, layerBytes } = await writeImageArchive(productImage(values.tag, product), values.output);
    console.log(`${values.output}: ${values.tag}, ${(layerBytes / 1e6).toFixed(1)} MB, ${id}`);
  } else {
    await writeTree(productFiles(product), values.tree);
  }
} finally {
  await rm(dist, { recursive: true });
}
