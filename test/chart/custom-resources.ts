import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where each module keeps the CustomResourceDefinitions of its API. */
const MODULES: Readonly<Record<string, string>> = {
  'github.com/cert-manager/cert-manager': 'deploy/crds',
  'github.com/prometheus-operator/prometheus-operator': 'example/prometheus-operator-crd',
};

/** Those that the chart makes objects of. */
const NEEDED = /_(certificates|issuers|servicemonitors|prometheusrules)\.yaml$/;

/** customResourceFiles are the definitions of the custom resources that the chart makes, downloaded by Go. */
export function customResourceFiles(): readonly string[] {
  const files = Object.entries(MODULES).flatMap(([module, folder]) => {
    const cwd = join(import.meta.dirname, 'custom-resources');
    const env = { ...process.env, GOWORK: 'off', GOTOOLCHAIN: 'local' };
    const said = execFileSync('go', ['mod', 'download', '-json', module], { cwd, env, encoding: 'utf8' });
    const crds = join((JSON.parse(said) as { readonly Dir: string }).Dir, folder);
    return readdirSync(crds).map((name) => join(crds, name));
  });
  const needed = files.filter((file) => NEEDED.test(file));
  if (needed.length !== 4) throw new Error(`found ${needed.length} definitions instead of 4: ${needed.join(', ')}`);
  return needed;
}
