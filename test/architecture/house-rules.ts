import { posix } from 'node:path';
import { type Arrow, circles } from './circles.ts';
import { type Room, roomOf } from './rooms.ts';
import { type Import, type SourceFacts, sourceFacts } from './source-facts.ts';

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
  if (files.size === 0) return ['src: no files seen'];
  const arrows: Arrow[] = [];
  const ids = ruleIds(files);
  const faults = [...files].flatMap(([path, text]) => {
    const facts = sourceFacts(path, text);
    const found = roomOf(path);
    const places = [...placement(path), ...(facts.lines > MAX_LINES ? [`${path}: ${facts.lines} lines`] : [])];
    for (const { specifier } of facts.imports) {
      if (specifier.startsWith('.')) arrows.push({ from: path, to: posix.join(posix.dirname(path), specifier) });
    }
    if (found === undefined) return places;
    const imported = facts.imports.flatMap((item) => importFault(path, found, item, files));
    return [
      ...places,
      ...imported,
      ...reach(path, facts),
      ...keeping(path, facts),
      ...naming(path, facts, ids),
      ...documenting(path, facts),
    ];
  });
  return [...faults, ...circles(arrows.filter(({ to }) => files.has(to)))];
}

function placement(path: string): readonly string[] {
  const parts = path.split('/').map((part) => part.replace(/\.ts$/, ''));
  const faults = parts.filter((part) => DRAWERS.has(part)).map((part) => `${path}: named ${part}`);
  if (roomOf(path) === undefined) faults.push(`${path}: in no known room`);
  return faults;
}

function importFault(
  path: string,
  { name, room }: { readonly name: string; readonly room: Room },
  { specifier, typeOnly }: Import,
  files: ReadonlyMap<string, string>,
): readonly string[] {
  if (room.packages?.includes(specifier)) return [];
  const fault = [`${path}: imports ${specifier}${typeOnly ? ' (types)' : ''}`];
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier);
    if (!files.has(target)) return [`${path}: imports ${specifier}, which is no file of src`];
    return mayImport(name, room, target) ? [] : fault;
  }
  return mayUse(room, specifier, typeOnly) ? [] : fault;
}

/** Whether a room may use what lies outside of the house. */
function mayUse({ packages = [], types = [], node = [] }: Room, specifier: string, typeOnly: boolean): boolean {
  if (specifier.startsWith('node:')) return node.includes(specifier.slice('node:'.length));
  const packageName = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return packages.includes(packageName) || (typeOnly && types.includes(packageName));
}

function mayImport(name: string, { rooms }: Room, target: string): boolean {
  return roomOf(target)?.name === name || rooms.some((one) => target === one || target.startsWith(`${one}/`));
}

/** Who may reach for the process and the terminal; and what pure rooms may not ask, since the answer changes. */
function reach(path: string, { globals }: SourceFacts): readonly string[] {
  const room = path.split('/')[0] ?? '';
  const outside = path === 'main.ts' || room === 'cli';
  return globals
    .filter((name) => {
      if (name === 'console' || name.startsWith('process.') || name.startsWith('globalThis.')) return !outside;
      return PURE.has(room) && IMPURE.has(name);
    })
    .map((name) => `${path}: uses ${name}`);
}

/** What is remembered has an owner that somebody makes, so that two of them in one process share nothing. */
function keeping(path: string, { state }: SourceFacts): readonly string[] {
  if (!STATELESS.has(path.split('/')[0] ?? '')) return [];
  return state.map((name) => `${path}: keeps ${name} in the module`);
}

/** A rule's file is called by its id. */
function ruleIds(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files.keys()].flatMap((path) => {
    const id = /^policy\/rules\/([a-z-]+)\.ts$/.exec(path)?.[1];
    return id === undefined || id === 'index' ? [] : [id];
  });
}

/** NAMES_RULES are the files outside policy/rules/ that name a rule by its id, each with the reason why. */
export const NAMES_RULES: ReadonlyMap<string, string> = new Map([
  [
    'policy/gaps/faults.ts',
    'a gap is found below the rules, where repairs ask if the rule that reports it is in force',
  ],
  ['cli/file-commands.ts', 'the help shows an example, and a command line knows no engine'],
]);

/** What must be known of a rule the rule says itself. */
function naming(path: string, { strings }: SourceFacts, ids: readonly string[]): readonly string[] {
  if (path.startsWith('policy/rules/') || NAMES_RULES.has(path)) return [];
  const named = ids.filter((id) => {
    const word = new RegExp(`(?<![\\w-])${id}(?![\\w-])`);
    return strings.some((text) => word.test(text));
  });
  return named.map((id) => `${path}: names the rule ${id}`);
}

/** Of a rule its `title` and `docs` say what it is. */
function documenting(path: string, { undocumented }: SourceFacts): readonly string[] {
  if (path.startsWith('policy/rules/')) return [];
  return undocumented.map((name) => `${path}: exports ${name} without a docstring`);
}

const STATELESS: ReadonlySet<string> = new Set(['sets', 'objects', 'policy', 'admission', 'controller']);
const PURE: ReadonlySet<string> = new Set(['sets', 'objects', 'policy']);
const IMPURE: ReadonlySet<string> = new Set(['Date.now', 'new Date()', 'Math.random', 'performance.now']);
