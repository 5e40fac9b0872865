import { isNode, type Node, nodesIn } from '../architecture/source-facts.ts';

/** Methods by which texts leave, and what has them. To hand one over counts as a call. */
const METHODS: ReadonlyMap<string, RegExp> = new Map([
  ['out', /^io$/],
  ['err', /^io$/],
  ['write', /^std(?:out|err)$/],
  ['send', /^(?:reply|response|call)$/],
]);

/** Functions that make what is said: the last ones to see it as a text, or the only ones to write it. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...['out', 'err', 'createLog', 'pino', 'writeFile', 'eventObject', 'eventNews', 'reviewOf'],
  ...['denied', 'errored', 'unreadable', 'tryLater', 'notRead', 'withWarnings', 'withAnnotations'],
]);

/** Metrics are named where they are made. */
const METRICS: ReadonlySet<string> = new Set(['Counter', 'Gauge', 'Histogram', 'Summary']);

/** doorsOf returns by what a text may leave the process in a file: how it is called, each once. */
export function doorsOf(path: string, text: string): readonly string[] {
  const found = [...nodesIn(path, text)].map((node) => doorAt(node, path)).filter((door) => door !== undefined);
  if (/^commands\/[^/]+\.ts$/.test(path)) found.push('a command');
  return [...new Set(found)];
}

function doorAt(node: Node, path: string): string | undefined {
  if (node.type === 'NewExpression') return METRICS.has(nameOf(node['callee'])) ? nameOf(node['callee']) : undefined;
  if (node.type === 'ExportNamedDeclaration') return path.startsWith('report/') ? writerIn(node) : undefined;
  if (node.type === 'CallExpression') return FUNCTIONS.has(nameOf(node['callee'])) ? nameOf(node['callee']) : undefined;
  if (node.type !== 'MemberExpression') return undefined;
  if (nameOf(node['object']) === 'console') return 'console';
  const method = nameOf(node['property']);
  return METHODS.get(method)?.test(ownerOf(node['object'])) === true ? method : undefined;
}

/** What a report exports that returns a text is a format of it. */
function writerIn({ declaration }: Node): string | undefined {
  if (!isNode(declaration) || declaration.type !== 'FunctionDeclaration') return undefined;
  const { returnType } = declaration;
  const type = isNode(returnType) ? returnType['typeAnnotation'] : undefined;
  return isNode(type) && type.type === 'TSStringKeyword' ? nameOf(declaration['id']) : undefined;
}

/** The name at the left end of a chain: `reply` of `reply.code(404).send`. */
function ownerOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'CallExpression') return ownerOf(node['callee']);
  if (node.type !== 'MemberExpression') return nameOf(node);
  return isNode(node['object']) && node['object'].type === 'ThisExpression'
    ? nameOf(node['property'])
    : nameOf(node['object']) === 'process'
      ? nameOf(node['property'])
      : ownerOf(node['object']);
}

function nameOf(node: unknown): string {
  return isNode(node) && typeof node['name'] === 'string' ? node['name'] : '';
}
