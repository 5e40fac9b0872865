import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openBuildah } from './product/buildah.ts';
import { makeProductImage } from './product/image.ts';
import { unpackImage } from './product/unpacked.ts';
import { record } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-dockerfile-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('the Dockerfile, built by buildah, gives the image that the cluster runs', async () => {
  const file = join(folder, 'built.tar');

  const buildah = openBuildah(folder);
  buildah.makeBase();
  buildah.build(file);

  const [built, archive] = [await unpackImage(file), await unpackImage(makeProductImage(folder))];
  expect(Object.keys(built.tree).length).toBeGreaterThan(50);
  expect(built.tree).toEqual(archive.tree);
  expect(built.config).toEqual(archive.config);
  const which = 'by buildah, on a Debian made by mmdebstrap: file by file the image that the cluster runs';
  record('machine', { what: 'the Dockerfile, built', which });
});
