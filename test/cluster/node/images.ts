import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
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
/** What nobody has used for a day goes when another of its name is made. */
const UNUSED_SECONDS = 24 * 60 * 60;
/** The code that decides how an archive looks. */
const MAKERS = [
  import.meta.filename,
  ...['archive.ts', 'node.ts'].map((name) => join(import.meta.dirname, '../../../scripts/image', name)),
];

/** Recipe is an image that is made only where its archive is not there. */
interface Recipe {
  readonly reference: string;
  /** Files that decide what is in it, beside the code that makes it. */
  readonly sources: readonly string[];
  files(): readonly ImageFile[];
  readonly settings: Omit<Image, 'reference' | 'files'>;
}

/** writeImages gives the archives of all images, from the cache where nothing that goes into one has changed. */
export async function writeImages({ coredns }: Programs): Promise<readonly string[]> {
  mkdirSync(FOLDER, { recursive: true });
  const pause = compilePause();
  const probe = await makeFile('probe.mjs', bundleProbe);
  const program = (path: string, from: string): ImageFile => ({ path, source: from, mode: 0o755 });
  const recipes: readonly Recipe[] = [
    {
      reference: IMAGES.pause,
      sources: [pause],
      files: () => [program('/pause', pause)],
      settings: { entrypoint: ['/pause'] },
    },
    {
      reference: IMAGES.coredns,
      sources: [coredns],
      files: () => [program('/coredns', coredns)],
      settings: { entrypoint: ['/coredns'] },
    },
    {
      reference: IMAGES.busybox,
      sources: [BUSYBOX],
      files: () => [
        program('/bin/busybox', BUSYBOX),
        ...APPLETS.map((name): ImageFile => ({ path: `/bin/${name}`, link: 'busybox' })),
      ],
      settings: { entrypoint: ['/bin/sh'], env: { PATH: '/bin' } },
    },
    {
      reference: IMAGES.node,
      // Node's libraries are Debian's, and asking for them one by one takes seconds.
      sources: [process.execPath, '/var/lib/dpkg/status', probe],
      files: () => [...nodeFiles(), { path: '/probe.mjs', source: probe }],
      settings: { entrypoint: ['node'], user: '65532:65532', env: { PATH: '/usr/local/bin' } },
    },
  ];
  return await Promise.all(recipes.map(writeOnce));
}

async function writeOnce({ reference, sources, files, settings }: Recipe): Promise<string> {
  const [, name = ''] = /\/([a-z]+):/.exec(reference) ?? [];
  const file = `${name}-${keyOf([...MAKERS, ...sources])}.tar`;
  const now = Date.now() / 1000;
  if (existsSync(join(FOLDER, file))) {
    utimesSync(join(FOLDER, file), now, now);
    return join(FOLDER, file);
  }
  for (const old of globSync(`${name}-*.tar`, { cwd: FOLDER })) {
    const path = join(FOLDER, old);
    const used = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (now - used / 1000 > UNUSED_SECONDS) rmSync(path, { force: true });
  }
  const image: Image = { reference, files: files(), ...settings };
  return await makeFile(file, (unfinished) => writeImageArchive(image, unfinished));
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

/** Files of many megabytes count by path, size and time; others, which may be made anew each time, by content. */
function keyOf(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(size < 2 ** 20 ? readFileSync(file) : `${file} ${size} ${mtimeMs}`);
  }
  return hash.digest('hex').slice(0, 16);
}
