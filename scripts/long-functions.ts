import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

/** LongFunction is a function of more than MAX_LINES lines, from its first to its last. */
export interface LongFunction {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** What it is called or handed to; of a test its title. */
  readonly name: string;
  readonly lines: number;
}

/** MAX_LINES is what a function should not exceed. Some are clearer in one piece, so nothing fails because of it. */
export const MAX_LINES = 60;

/** Functions that are only a table. */
const DATA: ReadonlySet<string> = new Set(['src/config/schema.ts', 'src/admission/registration/entries.ts']);

/** listLongFunctions looks through the TypeScript files of folders, and returns the long functions, the longest first. */
export function listLongFunctions(folders: readonly string[]): readonly LongFunction[] {
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)))
    .filter((path) => path.endsWith('.ts') && !DATA.has(path.split(sep).join('/')))
    .flatMap((path) => longFunctions(path, readFileSync(path, 'utf8')))
    .sort((a, b) => b.lines - a.lines);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * longFunctions returns the long functions of a file. The body of a `describe` does not count: it only contains tests.
 */
export function longFunctions(file: string, text: string): readonly LongFunction[] {
  const names = new Map<number, string>();
  const groups = new Set<number>();
  const found: LongFunction[] = [];
  const textOf = ({ start, end }: Span) => text.slice(start, end);
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const look = ({ start, end }: Span) => {
    const lines = textOf({ start, end }).split('\n').length;
    if (lines <= MAX_LINES || groups.has(start)) return;
    found.push({ file, line: lineOf(start), name: names.get(start) ?? 'without a name', lines });
  };
  new Visitor({
    VariableDeclarator: ({ id, init }) => void (init && names.set(init.start, textOf(id))),
    Property: ({ key, value }) => void names.set(value.start, textOf(key)),
    MethodDefinition: ({ key, value }) => void names.set(value.start, textOf(key)),
    CallExpression: ({ callee, arguments: given }) => {
      const [title] = given;
      const name = title?.type === 'Literal' ? String(title.value) : `what ${textOf(callee)} is given`;
      for (const { start } of given) names.set(start, name);
      if (/^describe\b/.test(textOf(callee))) for (const { start } of given) groups.add(start);
    },
    FunctionDeclaration: (declared) => {
      if (declared.id !== null) names.set(declared.start, declared.id.name);
      look(declared);
    },
    FunctionExpression: look,
    ArrowFunctionExpression: look,
  }).visit(parseSync(file, text).program);
  return found;
}
