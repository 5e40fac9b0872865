import { posix } from 'node:path';

/** Arrow is one import from a folder into another one, by paths below src/. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/**
 * circles lists the folders that import each other in a circle, each circle once, by its names in order, and the files that
 * do. A file counts to the folder that it lies in, and not to those above.
 */
export function circles(imports: readonly Arrow[]): readonly string[] {
  return [
    ...circlesOf(imports, posix.dirname).map((names) => `folders in a circle: ${names}`),
    ...circlesOf(imports, (path) => path).map((names) => `files in a circle: ${names}`),
  ];
}

function circlesOf(imports: readonly Arrow[], placeOf: (path: string) => string): readonly string[] {
  const reached = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [here, there] = [placeOf(from), placeOf(to)];
    if (here === there) continue;
    const targets = reached.get(here) ?? new Set();
    reached.set(here, targets.add(there));
  }
  const all = new Map([...reached.keys()].map((folder) => [folder, reachableFrom(folder, reached)]));
  const found = [...all].flatMap(([folder, targets]) => {
    if (!targets.has(folder)) return [];
    const others = [...targets].filter((other) => all.get(other)?.has(folder) === true);
    return others.sort().join(', ');
  });
  return [...new Set(found)];
}

function reachableFrom(folder: string, arrows: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const reachable = new Set<string>();
  const next = [...(arrows.get(folder) ?? [])];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (reachable.has(at)) continue;
    reachable.add(at);
    next.push(...(arrows.get(at) ?? []));
  }
  return reachable;
}
