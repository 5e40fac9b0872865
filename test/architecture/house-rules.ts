import { posix } from 'node:path';
import { type Import, type SourceFacts, sourceFacts } from './source-facts.ts';

/** Room is what the files of one folder under src/ may import. Allow-lists: what is not here is refused. */
interface Room {
  /** Other rooms. */
  readonly rooms: readonly string[];
  readonly packages?: readonly string[];
  /** Packages of which the types may be used, and nothing else. */
  readonly types?: readonly string[];
  /** Node's own modules, without `node:`. */
  readonly node?: readonly string[];
}

const FILES = ['fs', 'fs/promises', 'path'];

/** ROOMS is the table of who may import whom. Rooms that handle the engine's values may import their algebra, `sets`. */
export const ROOMS: Readonly<Record<string, Room>> = {
  sets: { rooms: [] },
  policy: { rooms: ['sets'], types: ['@kubernetes/client-node'] },
  'admission-policies': { rooms: ['policy'], node: ['crypto'] },
  config: { rooms: ['policy', 'sets'], packages: ['ajv', 'yaml'], node: ['fs', 'stream/consumers'] },
  admission: {
    rooms: ['policy', 'sets', 'admission-policies'],
    packages: ['fastify', 'ajv'],
    node: ['http', 'https', 'stream'],
  },
  tls: { rooms: [], packages: ['asn1js', 'pkijs'], node: ['crypto', 'tls', 'net', ...FILES] },
  // Kubeconfigs name files of keys, and tokens are files that are renewed.
  cluster: {
    rooms: ['policy', 'sets'],
    packages: ['@kubernetes/client-node'],
    node: ['http', 'https', 'net', 'tls', 'fs', 'path'],
  },
  baseline: { rooms: ['policy', 'sets', 'cluster'] },
  cli: {
    rooms: ['policy', 'sets', 'config', 'admission-policies'],
    packages: ['yaml'],
    node: ['url', 'util', ...FILES],
  },
};

/** ROOT lists the files that lie in no room. They may import every room. */
export const ROOT: Readonly<Record<string, Omit<Room, 'rooms'>>> = {
  'main.ts': { packages: ['../package.json'] },
  'certificates.ts': {},
  'cleanup.ts': {},
  'compose.ts': {},
  'connection.ts': { node: ['timers/promises'] },
  'controller-metrics.ts': { packages: ['prom-client'] },
  'facts.ts': {},
  'kept-certificate.ts': {},
  'leading.ts': { node: ['os'] },
  'listening.ts': {},
  'log.ts': { packages: ['pino'] },
  'metrics.ts': { packages: ['prom-client'] },
  'own-nameservers.ts': { node: ['fs/promises'] },
  'own-release.ts': {},
  'policies-drift.ts': {},
  'reading-thread.ts': { node: ['worker_threads'] },
  'reading-worker.ts': { node: ['worker_threads'] },
  'settings-in-force.ts': {},
  'warm-up.ts': { node: ['timers/promises'] },
  'webhook.ts': {},
  'young-generation.ts': { node: ['v8'] },
};

/** A name that says nothing about what is inside draws everything in. */
const DRAWERS: ReadonlySet<string> = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'types',
  'common',
  'shared',
  'misc',
]);

const MAX_LINES = 300;

/** violations lists every breach of the house rules by `files`, which maps paths below src/ to their text. */
export function violations(files: ReadonlyMap<string, string>): readonly string[] {
  const found = [...files].flatMap(([path, text]) => {
    const facts = sourceFacts(path, text);
    const room = roomOf(path);
    const places = [...placement(path), ...(facts.lines > MAX_LINES ? [`${path}: ${facts.lines} lines`] : [])];
    if (room === undefined) return places;
    return [...places, ...facts.imports.flatMap((item) => importFault(path, room, item, files)), ...reach(path, facts)];
  });
  return files.size === 0 ? ['src: no files seen'] : found;
}

function roomOf(path: string): Room | undefined {
  const [first = '', ...rest] = path.split('/');
  if (rest.length > 0) return Object.hasOwn(ROOMS, first) ? ROOMS[first] : undefined;
  const root = Object.hasOwn(ROOT, path) ? ROOT[path] : undefined;
  return root && { ...root, rooms: Object.keys(ROOMS) };
}

function placement(path: string): readonly string[] {
  const parts = path.split('/').map((part) => part.replace(/\.ts$/, ''));
  const faults = parts.filter((part) => DRAWERS.has(part)).map((part) => `${path}: named ${part}`);
  if (roomOf(path) === undefined) faults.push(`${path}: in no known room`);
  return faults;
}

function importFault(
  path: string,
  room: Room,
  { specifier, typeOnly }: Import,
  files: ReadonlyMap<string, string>,
): readonly string[] {
  if (room.packages?.includes(specifier)) return [];
  const fault = [`${path}: imports ${specifier}${typeOnly ? ' (types)' : ''}`];
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    if (!files.has(target)) return [`${path}: imports ${specifier}, which is no file of src`];
    return mayImport(path, room, target) ? [] : fault;
  }
  if (specifier.startsWith('node:')) return (room.node ?? []).includes(specifier.slice('node:'.length)) ? [] : fault;
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  if ((room.packages ?? []).includes(name)) return [];
  return typeOnly && (room.types ?? []).includes(name) ? [] : fault;
}

function mayImport(path: string, room: Room, target: string): boolean {
  const [from, to] = [path.split('/'), target.split('/')];
  if (to.length === 1) return from.length === 1;
  if (from.length > 1 && from[0] === to[0]) return true;
  return room.rooms.some((allowed) => target.startsWith(`${allowed}/`));
}

/** Who may reach for the process and the terminal; and what pure rooms may not ask, since the answer changes. */
function reach(path: string, { globals }: SourceFacts): readonly string[] {
  const room = path.split('/')[0] ?? '';
  const outside = path === 'main.ts' || room === 'cli';
  const pure = room === 'sets' || room === 'policy';
  return globals
    .filter((name) => {
      if (name === 'console' || name.startsWith('process.') || name.startsWith('globalThis.')) return !outside;
      return pure && IMPURE.has(name);
    })
    .map((name) => `${path}: uses ${name}`);
}

const IMPURE: ReadonlySet<string> = new Set(['Date.now', 'new Date()', 'Math.random', 'performance.now']);
