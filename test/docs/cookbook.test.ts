import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { judgeManifests } from '../harness/verdicts.ts';

/** One heading of docs/cookbook.md, with what it shows. */
interface Recipe {
  readonly title: string;
  readonly manifests: string;
}

const PAGE = readFileSync(join(import.meta.dirname, '../..', 'docs', 'cookbook.md'), 'utf8');

const RECIPES: readonly Recipe[] = PAGE.split(/^## /m)
  .slice(1)
  .flatMap((section) => {
    const shown = [...section.matchAll(/```yaml\n([^]*?)```/g)].map(([, manifests = '']) => manifests);
    const title = section.split('\n', 1)[0] ?? '';
    return shown.map((manifests, i) => ({ title: `${title}, ${i + 1}`, manifests }));
  });

function namespace(template: string): string {
  const labels = `{kubernetes.io/metadata.name: shop, netpol-guard.io/baseline: ${template}}`;
  return `apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: ${labels}}\n---\n`;
}

describe('docs/cookbook.md', () => {
  it('has a recipe for what most applications need', () => {
    expect(new Set(RECIPES.map(({ title }) => title.replace(/, \d+$/, '')))).toEqual(
      new Set([
        'Ingress from an ingress controller',
        'Ingress from Prometheus',
        'Ingress from the API server to a webhook',
        'Traffic between two applications',
        'Egress to Postgres',
        'Egress to port 443 outside the cluster',
        'Egress to another namespace',
        'Egress to the API server',
      ]),
    );
  });

  it.each(RECIPES)('$title: passes without a finding in a namespace with the baseline', ({ manifests }) => {
    for (const level of ['standard', 'strict'] as const) {
      for (const template of ['default-deny', 'default-deny-egress']) {
        expect(judgeManifests(namespace(template) + manifests, { level })).toEqual([]);
      }
    }
  });

  it('has recipes that pass together', () => {
    const all = RECIPES.map(({ manifests }) => manifests).join('---\n');
    expect(judgeManifests(namespace('default-deny') + all, { level: 'strict' })).toEqual([]);
  });

  it('shows policies of the namespace that it names, each with a name of its own', () => {
    const policies = RECIPES.flatMap(({ manifests }) =>
      parseAllDocuments(manifests).map((document) => [
        document.getIn(['kind']),
        document.getIn(['metadata', 'namespace']),
        document.getIn(['metadata', 'name']),
      ]),
    );
    expect(policies.filter(([kind, shop]) => kind !== 'NetworkPolicy' || shop !== 'shop')).toEqual([]);
    expect(new Set(policies.map(([, , name]) => name)).size).toBe(policies.length);
  });

  it('would see a recipe that is wrong, or that needs the baseline', () => {
    const [recipe] = RECIPES.filter(({ title }) => title === 'Egress to Postgres, 1');
    const wrong = recipe?.manifests.replace('          port: 5432\n', '          port: 53\n') ?? '';
    expect(judgeManifests(namespace('none') + (recipe?.manifests ?? '')).map(({ rule }) => rule)).toContain(
      'dns-blocked',
    );
    expect(judgeManifests(namespace('default-deny') + wrong)).not.toEqual([]);
  });
});
