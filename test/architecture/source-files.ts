import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** SRC is the folder of what is built. */
export const SRC = join(import.meta.dirname, '..', '..', 'src');

/** sourceFiles maps the path of every file below src/ to its text. */
export function sourceFiles(): ReadonlyMap<string, string> {
  const files = readdirSync(SRC, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(SRC, path).split(sep).join('/'), readFileSync(path, 'utf8')]));
}
