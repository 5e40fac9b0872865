import { parsePath } from '../../objects/field-path.ts';

/** Located is a decoded value with the places where its parts are written, in UTF-16 units from the file's start. */
export interface Located {
  readonly value: unknown;
  /** Where the value begins. */
  readonly offset: number;
  /** Where its key begins; absent for list items and whole documents. */
  readonly keyOffset?: number | undefined;
  /** By key or index; absent for scalars. */
  readonly children?: ReadonlyMap<string, Located> | undefined;
}

/** RepeatedKey is a key that is written more than once in one object. */
export interface RepeatedKey {
  readonly key: string;
  /** Where it is written again, in UTF-16 units from the file's start. */
  readonly offset: number;
  /** The way to the object: keys and indices. */
  readonly within: readonly string[];
  /** The value that it replaces. */
  readonly earlier: unknown;
}

/** DecodedDocument is a whole document. */
export interface DecodedDocument extends Located {
  readonly repeatedKeys: readonly RepeatedKey[];
}

/** UnreadableDocument is the reason why a document cannot be read, and the place. */
export class UnreadableDocument extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'UnreadableDocument';
    this.offset = offset;
  }
}

/** A field path such as `spec.egress[0].to[1]` is followed as far as it exists. */
function walk(root: Located, path: string): { readonly found: Located; readonly whole: boolean } {
  let found = root;
  for (const step of parsePath(path)) {
    const child = found.children?.get(String(step));
    if (child === undefined) return { found, whole: false };
    found = child;
  }
  return { found, whole: true };
}

/** offsetOf returns the place to point at for a path: at a scalar's value, else at the key or the list item. */
export function offsetOf(root: Located, path: string, onKey = false): number {
  const { found, whole } = walk(root, path);
  const scalar = found.children === undefined && found.value !== null;
  if (found.keyOffset === undefined || (whole && scalar && !onKey)) return found.offset;
  return found.keyOffset;
}
