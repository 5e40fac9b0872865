import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Image, type ImageFile, writeImageArchive } from '../../../scripts/image/archive.ts';
import { nodeFiles } from '../../../scripts/image/node.ts';
import { bundleProbe } from '../probe/bundle.ts';
import { cacheHome, type Programs } from './programs.ts';

/** IMAGES are in every cluster from its start; `imagePullPolicy: IfNotPresent` finds them. */
export const IMAGES = {
  pause: 'localhost/pause:1',
  coredns: 'localhost/coredns:1.14.2',
  /** Static, with a shell: `sleep`, `nslookup`, `wget`, `nc`. */
  busybox: 'docker.io/library/busybox:1.35',
  /** Node 24, with the probe at /probe.mjs; runs as user 65532. No shell. */
  node: 'localhost/node:24',
} as const;

/** BUSYBOX is Debian's package busybox-static. */
export const BUSYBOX = '/bin/busybox';
const APPLETS = ['sh', 'sleep', 'nslookup', 'wget', 'nc', 'cat', 'ls', 'env', 'id', 'echo', 'true', 'false', 'ip'];

/** Archives, and what they are made of, are kept from one cluster to the next. */
const FOLDER = join(cacheHome(), 'images');

/** writeImages gives the archives of all images, from the cache where nothing that goes into one has changed. */
export async function writeImages(programs: Programs): Promise<readonly string[]> {
  mkdirSync(FOLDER, { recursive: true });
  const pause = compilePause();
  const probe = await makeFile('probe.mjs', bundleProbe);
  const program = (path: string, from: string): ImageFile => ({ path, source: from, mode: 0o755 });
  const images: readonly Image[] = [
    { reference: IMAGES.pause, files: [program('/pause', pause)], entrypoint: ['/pause'] },
    { reference: IMAGES.coredns, files: [program('/coredns', programs.coredns)], entrypoint: ['/coredns'] },
    {
      reference: IMAGES.busybox,
      files: [
        program('/bin/busybox', BUSYBOX),
        ...APPLETS.map((name): ImageFile => ({ path: `/bin/${name}`, link: 'busybox' })),
      ],
      entrypoint: ['/bin/sh'],
      env: { PATH: '/bin' },
    },
    {
      reference: IMAGES.node,
      files: [...nodeFiles(), { path: '/probe.mjs', source: probe }],
      entrypoint: ['node'],
      user: '65532:65532',
      env: { PATH: '/usr/local/bin' },
    },
  ];
  return await Promise.all(
    images.map(async (image) => {
      const [, name = ''] = /\/([a-z]+):/.exec(image.reference) ?? [];
      const file = `${name}-${keyOf(image)}.tar`;
      if (existsSync(join(FOLDER, file))) return join(FOLDER, file);
      return await makeFile(file, (unfinished) => writeImageArchive(image, unfinished));
    }),
  );
}

/** makeFile lets nobody see a file that is half written. */
async function makeFile(name: string, write: (unfinished: string) => Promise<unknown>): Promise<string> {
  const unfinished = join(FOLDER, `${randomBytes(4).toString('hex')}.${name}`);
  await write(unfinished);
  renameSync(unfinished, join(FOLDER, name));
  return join(FOLDER, name);
}

function compilePause(): string {
  const source = join(import.meta.dirname, 'pause.c');
  const key = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const pause = join(FOLDER, `pause-${key}`);
  if (existsSync(pause)) return pause;
  const flags = ['-static', '-Os', '-s', '-Wl,--build-id=none'];
  execFileSync('gcc', [...flags, '-o', `${pause}.${process.pid}`, source], { stdio: 'inherit' });
  renameSync(`${pause}.${process.pid}`, pause);
  return pause;
}

/** A key of what goes in. Programs of many megabytes count by path, size and time; what is made anew each time, by content. */
function keyOf({ files, ...settings }: Image): string {
  const hash = createHash('sha256').update(JSON.stringify(settings));
  hash.update(readFileSync(join(import.meta.dirname, '../../../scripts/image/archive.ts')));
  for (const file of files) {
    hash.update(JSON.stringify({ ...file, source: undefined }));
    if (!('source' in file)) continue;
    const { size, mtimeMs } = statSync(file.source);
    hash.update(size < 2 ** 20 ? readFileSync(file.source) : `${file.source} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex').slice(0, 16);
}
