import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The part of a CycloneDX 1.5 document that is used here. */
interface Component {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
}

interface Bill {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly metadata: { readonly component: Component };
}

/**
 * billOfMaterials lists the components of the image, as CycloneDX JSON: the packages that are bundled into the program,
 * and the Node that runs it. `npm sbom --omit dev` lists what would be installed: it has packages that nothing imports,
 * and omits those that tests import as well (undici). So npm's full list is reduced to the `folders` that esbuild used.
 * Equal input gives equal bytes. Throws if npm does not know a package.
 */
export function billOfMaterials(folders: ReadonlySet<string>, node: string): string {
  const all = everything();
  const refs = new Set([...folders].map(reference));
  // Packages that npm calls optional or development are in the bundle like the rest.
  const components = all.components
    .filter((component) => refs.has(component['bom-ref']))
    .map((component) => ({ ...component, scope: 'required', properties: [] }));
  const known = new Set(components.map((component) => component['bom-ref']));
  const unknown = [...refs].filter((ref) => !known.has(ref));
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: not in package-lock.json; run npm ci`);
  const runtime = runtimeOf(node);
  const own = all.metadata.component['bom-ref'];
  const content = {
    version: 1,
    metadata: { component: { ...all.metadata.component, type: 'application', name: manifest.name } },
    components: [...components, runtime],
    dependencies: [
      { ref: own, dependsOn: [...directly(all, own).filter((ref) => known.has(ref)), runtime['bom-ref']] },
      ...components.map(({ 'bom-ref': ref }) => ({ ref, dependsOn: directly(all, ref).filter((on) => known.has(on)) })),
      { ref: runtime['bom-ref'], dependsOn: [] },
    ],
  };
  const bill = { bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: serialNumber(content), ...content };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

/** Attestations of a bill need it to have a number; this one is the same for the same content (RFC 9562, version 8). */
function serialNumber(content: object): string {
  const hex = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

/** The content of the lock file, whatever of it is installed here. */
function everything(): Bill {
  const args = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'];
  return JSON.parse(execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 })) as Bill;
}

function reference(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(`${ROOT}${folder}/package.json`, 'utf8')) as Component;
  return `${name}@${version}`;
}

function directly({ dependencies }: Bill, ref: string): readonly string[] {
  return dependencies.find((one) => one.ref === ref)?.dependsOn ?? [];
}

function runtimeOf(program: string) {
  const version = execFileSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  return {
    'bom-ref': `node.js@${version}`,
    type: 'platform',
    name: 'node.js',
    version,
    purl: `pkg:generic/node.js@${version}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(readFileSync(program)).digest('hex') }],
    licenses: [{ license: { id: 'MIT' } }],
  };
}
