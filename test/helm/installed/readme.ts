import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const README = join(import.meta.dirname, '../../../README.md');
/** Where the chart is found once it is published; until then a folder stands in for it, as README says. */
const PUBLISHED = 'oci://ghcr.io/netpol-guard/charts/netpol-guard';

/** ReadmeCommands are what README's section on installation has its reader type, as arguments of `helm`. */
export interface ReadmeCommands {
  readonly install: readonly string[];
  readonly test: readonly string[];
}

/** readmeCommands reads them, with a chart's folder in the place of its address. */
export function readmeCommands(chart: string): ReadmeCommands {
  const [, block = ''] = /\n## Install\n+```\n(.*?)```/s.exec(readFileSync(README, 'utf8')) ?? [];
  const commands = block.replaceAll('\\\n', ' ').trim().split('\n');
  const [install = [], test = [], ...more] = commands.map((command) => command.trim().split(/\s+/).slice(1));
  if (install[0] !== 'install' || test[0] !== 'test' || more.length > 0) {
    throw new Error(
      `${README}: the section "Install" begins with other commands than helm install and helm test:\n${block}`,
    );
  }
  if (!install.includes(PUBLISHED)) throw new Error(`${README}: does not install ${PUBLISHED}`);
  return { install: install.map((word) => (word === PUBLISHED ? chart : word)), test };
}
