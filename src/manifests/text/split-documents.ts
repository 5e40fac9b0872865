/** Chunk is the text of one document, and its offset in the file, in UTF-16 units. */
export interface Chunk {
  readonly text: string;
  readonly offset: number;
  /** Why kubectl refuses it before parsing; found at `offset`. */
  readonly problem?: string | undefined;
}

/**
 * splitDocuments cuts a file as kubectl's YAMLOrJSONDecoder does (k8s.io/apimachinery/pkg/util/yaml/decoder.go): a file
 * that begins with a brace is a stream of JSON values, or else YAML; YAML is cut at each line that begins with `---`,
 * whatever surrounds it, and only a comment may follow on that line.
 */
export function splitDocuments(text: string): readonly Chunk[] {
  const json = /^\s*\{/.test(text) ? splitJson(text) : undefined;
  return json ?? splitYaml(text);
}

function splitYaml(text: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  let problem: string | undefined;
  // Without the m flag, whose lines also end at U+2028; kubectl's only end at \n.
  const separator = /(?<=^|\n)---([^\n]*)/g;
  for (let match = separator.exec(text); match !== null; match = separator.exec(text)) {
    add(chunks, text.slice(start, match.index), start, problem);
    const rest = (match[1] ?? '').trim();
    problem = rest === '' || rest.startsWith('#') ? undefined : separatorProblem(rest);
    start = problem === undefined ? match.index + match[0].length : match.index;
  }
  add(chunks, text.slice(start), start, problem);
  return chunks;
}

function separatorProblem(rest: string): string {
  const shown = rest.length > 40 ? `${rest.slice(0, 37)}...` : rest;
  return `kubectl reads only a comment after "---"; move "${shown}" to the next line`;
}

function add(chunks: Chunk[], text: string, offset: number, problem: string | undefined): void {
  if (problem !== undefined) chunks.push({ text, offset, problem });
  else if (text.trim() !== '') chunks.push({ text, offset });
}

/** splitJson cuts a stream of JSON values; undefined if it is not JSON, so that it may be YAML. */
function splitJson(text: string): readonly Chunk[] | undefined {
  const chunks: Chunk[] = [];
  for (let start = skipSpace(text, 0); start < text.length; start = skipSpace(text, start)) {
    const end = endOfJson(text, start);
    const value = text.slice(start, end);
    if (!isJson(value)) {
      // One value and then something else may still be YAML; after two, kubectl is sure of JSON.
      if (chunks.length < 2) return undefined;
      return [...chunks, { text: value, offset: start, problem: 'is not a JSON value, unlike those before it' }];
    }
    chunks.push({ text: value, offset: start });
    start = end;
  }
  return chunks;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text.charAt(at))) at += 1;
  return at;
}

/** endOfJson finds the end of the object that starts here; brackets in strings do not count. */
function endOfJson(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"') at = endOfString(text, at);
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth <= 0) return at + 1;
  }
  return text.length;
}

/** endOfString returns the offset of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
