import { readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import type { Image, ImageFile } from './archive.ts';
import { NODE, nodeFiles } from './node.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The path of netpol-guard in its image. */
const HOME = '/netpol-guard';

/** Neither root nor a user of Debian: the user nonroot of distroless images and of Kubernetes' own. */
const NONROOT = 65532;

/** Product is the content of an image. */
export interface Product {
  /** The folder that the program is bundled in. */
  readonly dist: string;
  /** The Node that runs it. */
  readonly node: string;
  /** The bill of materials. */
  readonly sbom: string;
}

/**
 * productFiles are all files of netpol-guard's image. The archive and the Dockerfile both ask here. No shell, no
 * package manager, and no authorities: it only talks to the API server, whose CA Kubernetes gives to each pod.
 */
export function productFiles({ dist, node, sbom }: Product): readonly ImageFile[] {
  return [
    ...nodeFiles(node),
    { path: '/etc/passwd', content: `nonroot:x:${NONROOT}:${NONROOT}:nonroot:/:/sbin/nologin\n` },
    { path: '/etc/group', content: `nonroot:x:${NONROOT}:\n` },
    // Kubernetes writes /etc/hosts; the C library's own default may ask DNS first.
    { path: '/etc/nsswitch.conf', content: 'hosts: files dns\n' },
    // Says that the program is made of ECMAScript modules.
    { path: `${HOME}/package.json`, source: `${ROOT}package.json` },
    { path: `${HOME}/LICENSE`, source: `${ROOT}LICENSE` },
    // Scanners of images look for files of this ending: what is bundled they could not see.
    { path: `${HOME}/netpol-guard.cdx.json`, content: sbom },
    ...readdirSync(dist).map((name): ImageFile => ({ path: `${HOME}/dist/${name}`, source: join(dist, name) })),
  ];
}

/** REFERENCE is what the image is called unless said otherwise. */
export const REFERENCE = `netpol-guard:${manifest.version}`;

/** SETTINGS are how the image is run, in the order in which the Dockerfile says the same; a test compares them. */
export const SETTINGS = {
  labels: {
    'org.opencontainers.image.title': manifest.name,
    'org.opencontainers.image.description': manifest.description,
    'org.opencontainers.image.licenses': manifest.license,
  },
  env: { PATH: posix.dirname(NODE) },
  user: `${NONROOT}:${NONROOT}`,
  exposedPorts: ['10250/tcp', '8080/tcp', '8081/tcp'],
  entrypoint: [NODE, `${HOME}/dist/netpol-guard.js`],
  cmd: ['serve'],
} as const satisfies Partial<Image>;

/** productImage is netpol-guard's image, likewise. */
export function productImage(reference: string, product: Product): Image {
  return { ...SETTINGS, reference, files: productFiles(product) };
}
