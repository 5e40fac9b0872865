import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { unpackTar } from 'modern-tar';

/** Unpacked is an image as it is read from an archive: what it contains, and how it is run. */
export interface Unpacked {
  /** What is at each path: kind, owner, permissions and, of files, the digest of the content. No times. */
  readonly tree: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly layer: Uint8Array;
}

/** Some writers put the kind of a file into its mode too. */
const PERMISSIONS = 0o7777;

/** unpackImage reads an archive as `docker save` writes it. Throws an Error where its image has more than one layer. */
export async function unpackImage(file: string): Promise<Unpacked> {
  const parts = new Map((await unpackTar(readFileSync(file))).map(({ header, data }) => [header.name, data]));
  const part = (name: string): Uint8Array => {
    const found = parts.get(name);
    if (found === undefined) throw new Error(`${file}: has no ${name}`);
    return found;
  };
  const json = (name: string) => JSON.parse(Buffer.from(part(name)).toString());
  const [{ Config: config, Layers: layers }] = json('manifest.json');
  if (layers.length !== 1) throw new Error(`${file}: ${layers.length} layers`);
  const layer = part(layers[0]);
  return { tree: await treeOf(layer), config: json(config).config, layer };
}

async function treeOf(layer: Uint8Array): Promise<Unpacked['tree']> {
  const entries = await unpackTar(Uint8Array.from(layer).buffer);
  const tree = entries.map(({ header, data }) => {
    const { name, type, uid, gid, mode = 0, linkname } = header;
    const content = data === undefined ? '' : createHash('sha256').update(data).digest('hex');
    const what = type === 'symlink' ? `-> ${linkname}` : `${(mode & PERMISSIONS).toString(8)} ${content}`;
    return [`/${name.replace(/\/$/, '')}`, `${type} ${uid}:${gid} ${what}`.trim()] as const;
  });
  return Object.fromEntries(tree.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
