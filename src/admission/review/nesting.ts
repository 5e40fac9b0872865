/** Far deeper than any Kubernetes object; what recurses, as JSON.stringify does, fails at some thousand levels. */
const MAX_DEPTH = 1500;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `[` and `{` differ only in this bit, and so do `]` and `}`. */
const CURLY = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** isTooDeep holds if JSON nests lists and objects more than 1500 deep. Bodies of ordinary size need no check. */
export function isTooDeep(json: Uint8Array): boolean {
  // Each level takes two bytes, one to open and one to close.
  if (json.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i] ?? 0;
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if ((byte | CURLY) === OPENING) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if ((byte | CURLY) === CLOSING) depth -= 1;
  }
  return false;
}

/** isNestedTooDeep is the same for a parsed value. */
export function isNestedTooDeep(value: unknown): boolean {
  const waiting: [value: unknown, depth: number][] = [[value, 1]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [container, depth] = next;
    if (typeof container !== 'object' || container === null) continue;
    if (depth > MAX_DEPTH) return true;
    for (const child of Object.values(container)) waiting.push([child, depth + 1]);
  }
  return false;
}
