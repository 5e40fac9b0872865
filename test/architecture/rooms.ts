/** Room is what the files of one folder under src/ may import. Allow-lists: what is not here is refused. */
export interface Room {
  /** Other rooms, each with all that is in it; or one file, where that is the only door of its room. */
  readonly rooms: readonly string[];
  readonly packages?: readonly string[];
  /** Packages of which the types may be used, and nothing else. */
  readonly types?: readonly string[];
  /** Node's own modules, without `node:`. */
  readonly node?: readonly string[];
}

const FILES = ['fs', 'fs/promises', 'path'];

/** tower returns the rooms within a room, each of which may import those before it; '' is for the files beside them. */
function tower(room: string, outside: Room, floors: Readonly<Record<string, Omit<Room, 'rooms'>>>) {
  const paths = Object.keys(floors).map((floor) => (floor === '' ? room : `${room}/${floor}`));
  const rooms = Object.values(floors).map((own, i) => [
    paths[i] ?? room,
    { ...outside, ...own, rooms: [...outside.rooms, ...paths.slice(0, i)] },
  ]);
  return Object.fromEntries(rooms) as Readonly<Record<string, Room>>;
}

/** ROOMS is the table of who may import whom, by folder. Who handles the engine's values may import their algebra, `sets`. */
export const ROOMS: Readonly<Record<string, Room>> = {
  sets: { rooms: [] },
  runtime: { rooms: [], packages: ['pino'] },
  objects: { rooms: ['sets'] },
  ...tower(
    'policy',
    { rooms: ['objects', 'sets'], types: ['@kubernetes/client-node'] },
    {
      model: {},
      messages: {},
      dialects: {},
      dns: {},
      templates: {},
      situation: {},
      gaps: {},
      openings: {},
      repairs: {},
      rules: {},
      '': {},
    },
  ),
  'admission-policies': { rooms: ['policy', 'objects'], node: ['crypto'] },
  config: {
    rooms: ['policy', 'objects', 'sets'],
    packages: ['ajv', 'yaml', '../../package.json'],
    node: ['fs', 'stream/consumers'],
  },
  ...tower(
    'manifests',
    { rooms: ['policy', 'objects'] },
    { text: { packages: ['yaml'] }, edit: { packages: ['yaml'] }, files: { node: FILES } },
  ),
  report: { rooms: ['policy', 'objects', 'sets', 'manifests'], node: ['path', 'url', 'crypto'] },
  // What `fix` does by itself.
  fix: { rooms: ['policy', 'objects', 'manifests', 'report'] },
  ...tower(
    'admission',
    { rooms: ['policy', 'objects', 'sets', 'runtime'] },
    {
      review: { packages: ['ajv'] },
      handlers: {},
      server: { packages: ['fastify'], node: ['http', 'https', 'stream'] },
    },
  ),
  // For CEL, and for what both may leave to the other.
  'admission/registration': { rooms: ['policy', 'admission-policies'] },
  ...tower(
    'tls',
    { rooms: ['runtime'] },
    {
      x509: { packages: ['asn1js', 'pkijs'], node: ['crypto', 'net'] },
      rotation: { node: ['crypto', ...FILES] },
      '': { node: ['crypto', ...FILES] },
    },
  ),
  ...tower(
    'cluster',
    { rooms: ['policy', 'objects', 'sets', 'runtime'] },
    {
      // Kubeconfigs name files of keys and plugins, and tokens are files that are renewed.
      access: {
        packages: ['@kubernetes/client-node'],
        node: ['http', 'https', 'net', 'tls', 'fs', 'path', 'child_process', 'events'],
      },
      api: { node: ['http'] },
      watch: {},
      discovery: {},
      caches: {},
      election: {},
      writes: {},
      '': {},
    },
  ),
  controller: { rooms: ['cluster/cluster.ts', 'policy', 'objects', 'runtime'] },
  cli: { rooms: ['objects', 'runtime', 'admission-policies'], node: ['util'] },
  ...tower(
    'commands',
    {
      rooms: [
        'sets',
        'runtime',
        'objects',
        'policy',
        'admission-policies',
        'config',
        'manifests',
        'report',
        'fix',
        'admission',
        'tls',
        'cluster/cluster.ts',
        'controller',
        'cli',
      ],
    },
    {
      'serve/metrics': { packages: ['prom-client'] },
      serve: { node: ['fs/promises', 'os', 'timers/promises', 'v8', 'worker_threads'] },
      '': { packages: ['yaml'], node: [...FILES, 'stream'] },
    },
  ),
};

/** MAIN is the one file that lies in no room: it reads the command line and calls a command. */
export const MAIN: Room = { rooms: ['commands', 'cli', 'objects', 'runtime'], packages: ['../package.json'] };

/** roomOf returns the room of a file by its path below src/, with its name; undefined where there is none. */
export function roomOf(path: string): { readonly name: string; readonly room: Room } | undefined {
  if (path === 'main.ts') return { name: '', room: MAIN };
  const name = Object.keys(ROOMS)
    .filter((folder) => path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
  const room = name === undefined ? undefined : ROOMS[name];
  return name === undefined || room === undefined ? undefined : { name, room };
}
