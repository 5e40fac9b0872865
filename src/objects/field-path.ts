/** FieldPath leads from the root of a value to a part of it: keys of objects, and indices of lists, from 0. */
export type FieldPath = readonly (string | number)[];

/** What can follow a dot; everything else goes in brackets, where dots and slashes cannot be misread. */
const NAME = /^[A-Za-z_][\w-]*$/;

/** childPath appends a key or a place to a printed path, as apimachinery's field.Path does: `metadata.labels[a.b/c]`. */
export function childPath(path: string, step: string | number): string {
  if (typeof step === 'number' || !NAME.test(step)) return `${path}[${step}]`;
  return path === '' ? step : `${path}.${step}`;
}

/** printPath spells a path as Kubernetes does: `spec.egress[0].to`. */
export function printPath(path: FieldPath): string {
  return path.reduce<string>(childPath, '');
}

/** A bracket ends where the path does, or another step begins: a key may hold brackets of its own. */
const STEPS = /\[(.*?)\](?=[.[]|$)|([^.[\]]+)/gs;

/**
 * parsePath reads what printPath spells. Digits in brackets are an index, since nothing distinguishes them from such a
 * key.
 */
export function parsePath(path: string): FieldPath {
  return [...path.matchAll(STEPS)].map(([, bracketed, name = '']) =>
    bracketed === undefined ? name : /^\d+$/.test(bracketed) ? Number(bracketed) : bracketed,
  );
}
