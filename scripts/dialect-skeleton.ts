/** NewDialect names a dialect that is to be made, and its first kind. */
export interface NewDialect {
  /** `cluster-network-policy`. */
  readonly name: string;
  /** `policy.networking.k8s.io`. */
  readonly group: string;
  readonly version: string;
  /** `ClusterNetworkPolicy`. */
  readonly kind: string;
}

/**
 * dialectFiles returns the files of a new dialect, by path. Its reader only accepts an object without a spec so far.
 */
export function dialectFiles(dialect: NewDialect): ReadonlyMap<string, string> {
  const file = fileOf(dialect.kind);
  const folder = `src/policy/dialects/${dialect.name}`;
  return new Map([
    [`${folder}/dialect.ts`, tableFile(dialect, file)],
    [`${folder}/${file}.ts`, readerFile(dialect)],
    [`test/unit/policy/dialects/${dialect.name}/${file}.test.ts`, testFile(dialect, file)],
  ]);
}

/** withDialect adds a dialect to the text of dialects.ts. Throws if it already exists. */
export function withDialect(text: string, { name }: NewDialect): string {
  if (text.includes(`'./${name}/dialect.ts'`)) throw new Error(`there is a dialect ${name} already`);
  const imported = text.replace(
    /^import \{ NETWORK_POLICY_API \}/m,
    `import { ${apiOf(name)} } from './${name}/dialect.ts';\n$&`,
  );
  const listed = imported.replace(/new Dialects\(\[(.*)\]\)/, `new Dialects([$1, ${apiOf(name)}])`);
  if (imported === text || listed === imported) throw new Error('dialects.ts has no list to put the new one into');
  return listed;
}

function tableFile({ name, group, version, kind }: NewDialect, file: string): string {
  return `import { defineDialect, type PolicyKind } from '../../model/dialect.ts';
import { read${kind} } from './${file}.ts';

const ${constantOf(file)}: PolicyKind = {
  kind: '${kind}',
  plural: '${pluralOf(kind)}',
  served: [{ group: '${group}', versions: ['${version}'] }],
  scope: 'Namespaced',
  role: 'policy',
  read: read${kind},
  onlyTakesAway: () => false,
};

export const ${apiOf(name)} = defineDialect({ name: '${name}', kinds: [${constantOf(file)}] });
`;
}

function readerFile({ group, version, kind }: NewDialect): string {
  return `import { FIRST_FAULT, type Faults } from '../../../objects/faults.ts';
import { asObject, asString, field, onlyFields } from '../../../objects/fields.ts';
import { readMetadata } from '../../../objects/metadata.ts';
import { dnsSubdomainProblem } from '../../../objects/names.ts';
import { LabelSelector } from '../../../sets/label-selector.ts';
import type { Policy } from '../../model/policy.ts';

/**
 * read${kind} reads a ${kind} of ${group}/${version}, as JSON gives it. \`namespace\` is the default for an object without one. A
 * caller that wants all faults gets everything that the API server refuses. Throws whatever \`faults\` throws.
 */
export function read${kind}(object: unknown, namespace: string, faults: Faults = FIRST_FAULT): Policy {
  const root = asObject(object, '', faults);
  onlyFields(root, '', ['apiVersion', 'kind', 'metadata', 'spec'], faults);
  const metadata = readMetadata(root, { problem: dnsSubdomainProblem, namespaced: true }, faults);
  const spec = asObject(field(root, 'spec'), 'spec', faults);
  onlyFields(spec, 'spec', [], faults);
  const [name, given] = [field(metadata, 'name'), field(metadata, 'namespace')];
  return {
    ref: {
      apiVersion: '${group}/${version}',
      kind: '${kind}',
      namespace: given === undefined ? namespace : asString(given, 'metadata.namespace', faults),
      name: name === undefined ? undefined : asString(name, 'metadata.name', faults),
    },
    subject: LabelSelector.of(new Map()),
    isolatesEgress: false,
    isolatesIngress: false,
    egress: [],
    ingress: [],
    ignoredEgress: [],
    deleting: field(metadata, 'deletionTimestamp') !== undefined,
  };
}
`;
}

function testFile({ name, group, version, kind }: NewDialect, file: string): string {
  return `import { describe, expect, it } from 'vitest';
import { checked } from '../../../../../src/objects/faults.ts';
import { read${kind} } from '../../../../../src/policy/dialects/${name}/${file}.ts';

const object = (spec: unknown) => ({
  apiVersion: '${group}/${version}',
  kind: '${kind}',
  metadata: { name: 'web', namespace: 'shop' },
  spec,
});

describe('a ${kind}', () => {
  it('is read', () => {
    const { value, problems } = checked((faults) => read${kind}(object({}), 'default', faults));
    expect(problems).toEqual([]);
    expect(value?.ref).toMatchObject({ namespace: 'shop', name: 'web' });
  });

  it('with a field that it does not have is refused', () => {
    const { problems } = checked((faults) => read${kind}(object({ nowhere: 1 }), 'default', faults));
    expect(problems.map(({ path }) => path)).toEqual(['spec.nowhere']);
  });
});
`;
}

/** As Kubernetes' own generators make it. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** `ClusterNetworkPolicy` -> `cluster-network-policy`. */
function fileOf(kind: string): string {
  return kind.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}

/** As the kind of that name may be called so already. */
function apiOf(name: string): string {
  return `${constantOf(name)}_API`;
}

function constantOf(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}
