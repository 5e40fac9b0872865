import { parseSync } from 'oxc-parser';

/** Import is one module that a source file names, whatever the syntax. */
export interface Import {
  readonly specifier: string;
  /** Gone once the types are stripped. */
  readonly typeOnly: boolean;
}

/** SourceFacts is what the house rules look at in one file. */
export interface SourceFacts {
  readonly imports: readonly Import[];
  /** Globals it reaches for, such as `process.env`, `console`, `Date.now` and `new Date()`. */
  readonly globals: readonly string[];
  /** What it holds from one call to the next: variables of the module, and collections there that begin empty. */
  readonly state: readonly string[];
  /** What it exports without a docstring. */
  readonly undocumented: readonly string[];
  /** Its strings, without the specifiers of imports. */
  readonly strings: readonly string[];
  readonly lines: number;
}

/** sourceFacts parses TypeScript. Throws as nodesIn does. */
export function sourceFacts(path: string, text: string): SourceFacts {
  const imports: Import[] = [];
  const globals = new Set<string>();
  const strings: string[] = [];
  const { program, comments } = parsed(path, text);
  for (const node of nodesOf(program)) {
    const found = importOf(node);
    if (found !== undefined) imports.push(found);
    const global = globalOf(node);
    if (global !== undefined) globals.add(global);
    const string = stringOf(node);
    if (string !== undefined) strings.push(string);
  }
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  const specifiers = new Set(imports.map(({ specifier }) => specifier));
  const state = program.body.flatMap(stateOf);
  const docEnds = comments.filter(({ value }) => value.startsWith('*')).map(({ end }) => end);
  const undocumented = program.body.flatMap((statement) => exportedWithout(docEnds, text, statement));
  const said = strings.filter((string) => !specifiers.has(string));
  return { imports, globals: [...globals], state, undocumented, strings: said, lines };
}

/** A docstring ends right before the export. */
function exportedWithout(docEnds: readonly number[], text: string, statement: unknown): readonly string[] {
  if (!isNode(statement) || statement.type !== 'ExportNamedDeclaration' || !isNode(statement['declaration'])) return [];
  const start = Number(statement['start']);
  if (docEnds.some((end) => end <= start && text.slice(end, start).trim() === '')) return [];
  const { declaration } = statement;
  const [declared] = Array.isArray(declaration['declarations']) ? declaration['declarations'] : [declaration];
  return [(isNode(declared) ? name(declared['id']) : undefined) ?? '(a pattern)'];
}

function stringOf({ type, value }: Node): string | undefined {
  if (type === 'Literal') return typeof value === 'string' ? value : undefined;
  if (type !== 'TemplateElement' || typeof value !== 'object' || value === null || !('raw' in value)) return undefined;
  return String(value.raw);
}

const COLLECTIONS: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet']);

function stateOf(statement: unknown): readonly string[] {
  if (!isNode(statement)) return [];
  if (statement.type === 'ExportNamedDeclaration') return stateOf(statement['declaration']);
  if (statement.type !== 'VariableDeclaration' || !Array.isArray(statement['declarations'])) return [];
  return statement['declarations'].filter(isNode).flatMap(({ id, init }) => {
    const isState = statement['kind'] !== 'const' || isEmptyCollection(init);
    return isState ? [name(id) ?? '(a pattern)'] : [];
  });
}

function isEmptyCollection(node: unknown): boolean {
  if (!isNode(node) || node.type !== 'NewExpression' || !COLLECTIONS.has(name(node['callee']) ?? '')) return false;
  return Array.isArray(node['arguments']) && node['arguments'].length === 0;
}

/** Node is a part of a syntax tree, as the parser gives it. */
export type Node = { readonly type: string; readonly [field: string]: unknown };

/** isNode tells a part of a syntax tree from its fields. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** nodesIn walks the syntax tree of a file, each node before what is in it. Throws where there is none: that proves nothing. */
export function nodesIn(path: string, text: string): Iterable<Node> {
  return nodesOf(parsed(path, text).program);
}

function parsed(path: string, text: string) {
  const { program, comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join('; ')}`);
  return { program, comments };
}

function* nodesOf(root: unknown): Generator<Node> {
  if (Array.isArray(root)) for (const item of root) yield* nodesOf(item);
  if (!isNode(root)) return;
  yield root;
  for (const value of Object.values(root)) yield* nodesOf(value);
}

function importOf(node: Node): Import | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return isNode(node['source']) ? { specifier: literal(node['source']), typeOnly: isTypeOnly(node) } : undefined;
    case 'ImportExpression':
      return { specifier: literal(node['source']), typeOnly: false };
    case 'TSImportType':
      return { specifier: literal(node['source']), typeOnly: true };
    case 'CallExpression':
      return name(node['callee']) === 'require'
        ? { specifier: literal(Array.isArray(node['arguments']) ? node['arguments'][0] : undefined), typeOnly: false }
        : undefined;
    default:
      return undefined;
  }
}

function isTypeOnly(node: Node): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const specifiers = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
  return (
    specifiers.length > 0 && specifiers.every((item) => item['importKind'] === 'type' || item['exportKind'] === 'type')
  );
}

/** What is put together at run time cannot be checked, and is in no allow-list. */
function literal(node: unknown): string {
  return isNode(node) && typeof node['value'] === 'string' ? node['value'] : '(computed)';
}

function name(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Identifier' && typeof node['name'] === 'string' ? node['name'] : undefined;
}

const WATCHED: ReadonlySet<string> = new Set(['process', 'console', 'Date', 'Math', 'performance', 'globalThis']);

function globalOf(node: Node): string | undefined {
  if (node.type === 'NewExpression' && name(node['callee']) === 'Date') {
    return Array.isArray(node['arguments']) && node['arguments'].length === 0 ? 'new Date()' : undefined;
  }
  if (node.type !== 'MemberExpression') return undefined;
  const object = name(node['object']);
  if (object === undefined || !WATCHED.has(object)) return undefined;
  if (object === 'console') return 'console';
  const property = node['computed'] === true ? literal(node['property']) : name(node['property']);
  return `${object}.${property ?? '(computed)'}`;
}
