import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where a module keeps the CustomResourceDefinitions of its API, and the go.mod that pins it. */
interface Source {
  readonly folder: string;
  readonly pinned: string;
}

const SOURCES = {
  'github.com/cert-manager/cert-manager': { folder: 'deploy/crds', pinned: '../../programs/cert-manager' },
  'github.com/prometheus-operator/prometheus-operator': {
    folder: 'example/prometheus-operator-crd',
    pinned: 'custom-resources',
  },
} as const satisfies Readonly<Record<string, Source>>;

/** Those that the chart makes objects of. */
const NEEDED = /_(certificates|issuers|servicemonitors|prometheusrules)\.yaml$/;

/** definitionsOf are the files of a module that define its custom resources; Go downloads it. */
export function definitionsOf(module: keyof typeof SOURCES): readonly string[] {
  const { folder, pinned }: Source = SOURCES[module];
  const cwd = join(import.meta.dirname, pinned);
  const env = { ...process.env, GOWORK: 'off', GOTOOLCHAIN: 'local' };
  const said = execFileSync('go', ['mod', 'download', '-json', module], { cwd, env, encoding: 'utf8' });
  const definitions = join((JSON.parse(said) as { readonly Dir: string }).Dir, folder);
  const files = readdirSync(definitions).filter((name) => name.endsWith('.yaml'));
  return files.map((name) => join(definitions, name));
}

/** customResourceFiles define the custom resources that the chart makes. */
export function customResourceFiles(): readonly string[] {
  const files = [
    ...definitionsOf('github.com/cert-manager/cert-manager'),
    ...definitionsOf('github.com/prometheus-operator/prometheus-operator'),
  ];
  const needed = files.filter((file) => NEEDED.test(file));
  if (needed.length !== 4) throw new Error(`found ${needed.length} definitions instead of 4: ${needed.join(', ')}`);
  return needed;
}
