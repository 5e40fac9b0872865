import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { packTar, type TarEntry } from 'modern-tar';

/**
 * ImageFile is a file of an image, owned by root: with given content, with that of a local file, or a symbolic link.
 */
export type ImageFile = {
  /** Absolute, in the image. */
  readonly path: string;
  /** Permissions; 0o644 by default. */
  readonly mode?: number;
} & (
  | { readonly content: string }
  | {
      /** A file of this machine; links are followed. */
      readonly source: string;
    }
  | {
      /** Where the symbolic link points to. */
      readonly link: string;
    }
);

/** Image is the content of a Dockerfile: the files of an image, and how to run it. */
export interface Image {
  /** With a tag: `docker.io/library/busybox:1.37`. */
  readonly reference: string;
  readonly files: readonly ImageFile[];
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  /** `user` or `user:group`, in numbers; root by default. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** `10250/tcp`. */
  readonly exposedPorts?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** WrittenImage is the result of writing an image. */
export interface WrittenImage {
  /** The digest of its configuration, `sha256:…`. Equal files and settings have equal ids, whenever they are written. */
  readonly id: string;
  /** Bytes of its one layer, which is not compressed. */
  readonly layerBytes: number;
}

/** The names of Node's architectures in Go, and so in every image. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/**
 * writeImageArchive writes an image for this machine's architecture into `file`, as `docker save` does: manifest.json, the
 * configuration and one layer (https://github.com/moby/docker-image-spec). `docker load`, `podman load` and
 * `ctr images import` read it. All of its times are `created`, in milliseconds, so the same image gives the same bytes.
 */
export async function writeImageArchive(image: Image, file: string, created = sourceDate()): Promise<WrittenImage> {
  const mtime = new Date(created);
  const layer = await packTar(await layerEntries(image.files, mtime));
  const config = JSON.stringify(configuration(image, digest(layer), mtime));
  const [configName, layerName] = [`${digest(config)}.json`, `${digest(layer)}.tar`];
  const manifest = JSON.stringify([{ Config: configName, RepoTags: [tagged(image.reference)], Layers: [layerName] }]);
  const plain = (name: string, body: string | Uint8Array): TarEntry => ({
    header: { name, size: Buffer.byteLength(body), mode: 0o644, mtime },
    body,
  });
  const parts = [plain('manifest.json', manifest), plain(configName, config), plain(layerName, layer)];
  await writeFile(file, await packTar(parts));
  return { id: `sha256:${digest(config)}`, layerBytes: layer.byteLength };
}

/** sourceDate is the moment that reproducible builds give their files: https://reproducible-builds.org/specs/source-date-epoch/ */
function sourceDate(epoch = process.env['SOURCE_DATE_EPOCH'] ?? '0'): number {
  if (!/^\d{1,11}$/.test(epoch)) throw new Error(`SOURCE_DATE_EPOCH: ${epoch} is not a number of seconds since 1970`);
  return Number(epoch) * 1000;
}

async function layerEntries(files: readonly ImageFile[], mtime: Date): Promise<readonly TarEntry[]> {
  const paths = files.map(({ path }) => path);
  for (const path of paths) {
    if (!path.startsWith('/') || path !== posix.normalize(path))
      throw new Error(`${path}: not an absolute, plain path`);
    if (paths.indexOf(path) !== paths.lastIndexOf(path)) throw new Error(`${path}: listed twice`);
  }
  const folders = new Set(paths.flatMap(parents));
  const both = paths.find((path) => folders.has(path));
  if (both !== undefined) throw new Error(`${both}: listed as a file, and other files lie below it`);
  const sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return [
    ...[...folders].toSorted().map((path) => folder(path, mtime)),
    ...(await Promise.all(sorted.map(async (file) => await fileEntry(file, mtime)))),
  ];
}

/** parents are the folders above a path, the root aside. */
function parents(path: string): readonly string[] {
  const above = posix.dirname(path);
  return above === '/' ? [] : [...parents(above), above];
}

function folder(path: string, mtime: Date): TarEntry {
  return { header: { ...owned(`${path}/`, mtime), size: 0, mode: 0o755, type: 'directory' } };
}

async function fileEntry(file: ImageFile, mtime: Date): Promise<TarEntry> {
  const header = owned(file.path, mtime);
  if ('link' in file) return { header: { ...header, size: 0, mode: 0o777, type: 'symlink', linkname: file.link } };
  const body = 'content' in file ? Buffer.from(file.content) : await readFile(file.source);
  return { header: { ...header, size: body.byteLength, mode: file.mode ?? 0o644, type: 'file' }, body };
}

/** owned is the common part of every entry of a layer: a name without the leading slash, and root as its owner. */
function owned(path: string, mtime: Date) {
  return { name: path.slice(1), mtime, uid: 0, gid: 0 };
}

function configuration(image: Image, layer: string, created: Date) {
  const { user, env = {}, exposedPorts = [], workingDir, labels, entrypoint, cmd } = image;
  const step = { created: created.toISOString(), created_by: 'scripts/image/archive.ts' };
  return {
    created: created.toISOString(),
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: 'linux',
    config: {
      Entrypoint: entrypoint,
      Cmd: cmd,
      User: user,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ExposedPorts: Object.fromEntries(exposedPorts.map((port) => [port, {}])),
      WorkingDir: workingDir,
      Labels: labels,
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
    history: [step],
  };
}

/** tagged refuses a reference without a tag: some tools would add `latest`, and others import an image without a name. */
function tagged(reference: string): string {
  if (!/^[a-z0-9][a-zA-Z0-9./_-]*(:\d+\/[a-zA-Z0-9./_-]+)?:[\w][\w.-]{0,127}$/.test(reference)) {
    throw new Error(`${reference}: not an image reference with a tag, such as docker.io/library/busybox:1.37`);
  }
  return reference;
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
