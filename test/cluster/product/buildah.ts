import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** The Debian of the Dockerfile's base. */
const SUITE = 'bookworm';

/** Buildah builds the Dockerfile with a store of its own in a folder, and without a registry of images. */
export interface Buildah {
  /** Makes what stands in for the image that the Dockerfile's first stage is built on. */
  makeBase(): void;
  /** Builds the Dockerfile and writes the image into a file, as `docker save` does. */
  build(file: string): void;
}

/** What stands in for the Dockerfile's base, which it names by a digest that no other image can have. */
const BASE = 'localhost/netpol-guard-base:test';

/** openBuildah uses Debian's packages buildah and mmdebstrap. Throws an Error that says so where one is missing. */
export function openBuildah(folder: string): Buildah {
  for (const program of ['buildah', 'mmdebstrap']) {
    if (!existsSync(join('/usr/bin', program))) throw new Error(`${program} is missing; apt-get install ${program}`);
  }
  const store = ['--root', join(folder, 'store'), '--runroot', join(folder, 'run'), '--storage-driver', 'overlay'];
  const buildah = (...args: readonly string[]) =>
    execFileSync('buildah', [...store, ...args], { encoding: 'utf8', stdio: 'pipe', maxBuffer: 2 ** 26 }).trim();
  return {
    makeBase: () => {
      const rootfs = join(folder, 'base.tar');
      // What the official image of Node is: a small Debian with Node, its licence and npm in /usr/local.
      execFileSync('mmdebstrap', ['--variant=essential', '--include=libstdc++6', SUITE, rootfs], { stdio: 'pipe' });
      const container = buildah('from', 'scratch');
      buildah('add', '--quiet', container, rootfs, '/');
      const node = realpathSync(join(ROOT, 'node_modules/.bin/node'));
      buildah('copy', '--quiet', container, node, '/usr/local/bin/node');
      buildah('copy', '--quiet', container, join(dirname(node), '../LICENSE'), '/usr/local/LICENSE');
      buildah('copy', '--quiet', container, npmFolder(), '/usr/local/lib/node_modules/npm');
      mkdirSync(join(folder, 'bin'));
      symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'bin/npm'));
      buildah('copy', '--quiet', container, join(folder, 'bin'), '/usr/local/bin');
      // A machine behind a proxy has an authority of its own, which npm has to trust in there too.
      const authorities = process.env['NODE_EXTRA_CA_CERTS'];
      if (authorities !== undefined) {
        buildah('copy', '--quiet', container, authorities, '/etc/ssl/authorities.pem');
        buildah('config', '--env', 'NODE_EXTRA_CA_CERTS=/etc/ssl/authorities.pem', container);
      }
      buildah('config', '--env', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', container);
      buildah('commit', '--quiet', '--rm', container, BASE);
    },
    build: (file) => {
      const here = ['--isolation', 'chroot', '--network', 'host', '--pull-never', '--identity-label=false'];
      buildah('build', ...here, '--from', BASE, '--tag', 'netpol-guard:built', ROOT);
      buildah('push', '--quiet', 'netpol-guard:built', `docker-archive:${file}:netpol-guard:built`);
    },
  };
}

function npmFolder(): string {
  const program = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  return dirname(dirname(realpathSync(program)));
}
