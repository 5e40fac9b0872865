import { access } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';

/**
 * chartOf returns the folder of the Helm chart that a file is a template of: the one that holds both the `templates`
 * folder around the file and a Chart.yaml. undefined if there is none.
 */
export async function chartOf(file: string): Promise<string | undefined> {
  const steps = resolve(dirname(file)).split(sep);
  for (let end = steps.length; end > 0; end -= 1) {
    if (steps[end - 1] !== 'templates') continue;
    const chart = dirname(steps.slice(0, end).join(sep));
    if (await exists(join(chart, 'Chart.yaml'))) return relative('', chart) || '.';
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
