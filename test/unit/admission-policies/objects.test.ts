import { describe, expect, it } from 'vitest';
import { actionsOf } from '../../../src/admission-policies/actions.ts';
import { admissionPolicies } from '../../../src/admission-policies/admission-policies.ts';
import { parametersOf } from '../../../src/admission-policies/parameters.ts';
import type { Condition, PolicySpec } from '../../../src/admission-policies/policy-object.ts';
import { DELETERS } from '../../../src/policy/model/deleters.ts';
import { CHOICES, OWN, rendered, settingsOf } from './setup.ts';

const NAMES = ['opt-out', 'baseline', 'leaving', 'names', 'openings', 'fence'];
const USUAL = NAMES.filter((name) => name !== 'openings');
const USER = 'system:serviceaccount:netpol-guard:netpol-guard';

const policies = new Map(
  admissionPolicies(USER, parametersOf(settingsOf(), OWN, CHOICES)).map(({ name, spec }) => [name, spec]),
);

function specOf(name: string): PolicySpec {
  const spec = policies.get(name);
  if (spec === undefined) throw new Error(`no policy ${name}`);
  return spec;
}

const expressionsOf = ({ matchConditions, variables, validations }: PolicySpec): readonly string[] =>
  [...matchConditions, ...variables, ...validations].flatMap((one) => [
    one.expression,
    ...('messageExpression' in one && typeof one.messageExpression === 'string' ? [one.messageExpression] : []),
  ]);

describe('the objects', () => {
  it('are a policy and its binding, each by each', () => {
    expect(rendered().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(
      USUAL.flatMap((name) => [
        `ValidatingAdmissionPolicy netpol-guard-${name}`,
        `ValidatingAdmissionPolicyBinding netpol-guard-${name}`,
      ]),
    );
    for (const { kind, metadata, spec } of rendered()) {
      if (kind === 'ValidatingAdmissionPolicy') expect(spec).toMatchObject({ failurePolicy: 'Fail' });
      else expect(spec).toEqual({ policyName: metadata.name, validationActions: ['Deny', 'Audit'] });
    }
  });

  it('have names of their own on the disk of an API server, and no parameters there or elsewhere', () => {
    const found = rendered({}, { isStatic: true });
    expect(found.every(({ metadata }) => metadata.name.endsWith('.static.k8s.io'))).toBe(true);
    expect(found[1]?.spec).toMatchObject({ policyName: 'netpol-guard-opt-out.static.k8s.io' });
    expect(JSON.stringify([found, rendered()])).not.toMatch(/paramKind|paramRef/);
  });

  it('bear one hash, of what they were rendered from', () => {
    const hashes = (configuration: object) =>
      new Set(rendered(configuration).map(({ metadata }) => metadata.annotations['netpol-guard.io/rendered-from']));
    expect(hashes({}).size).toBe(1);
    expect(hashes({ enforce: 'strict' })).not.toEqual(hashes({}));
    expect(hashes({ warn: 'off' })).toEqual(hashes({}));
  });

  it.each([
    ['enforce', undefined, ['Deny', 'Audit']],
    ['enforce', 'deny', ['Deny', 'Audit']],
    ['enforce', 'warn', ['Warn', 'Audit']],
    ['enforce', 'audit', ['Audit']],
    ['warn', undefined, ['Warn', 'Audit']],
    ['warn', 'deny', ['Warn', 'Audit']],
    ['warn', 'audit', ['Audit']],
    ['audit', 'deny', ['Audit']],
    ['audit', undefined, ['Audit']],
    ['enforce', 'off', []],
    ['audit', 'off', []],
  ] as const)('do under %s, with the rule set to %s: %j', (enforcement, override, actions) => {
    expect(actionsOf(enforcement, override)).toEqual(actions);
    const found = rendered(override === undefined ? {} : { rules: { 'baseline-modified': override } }, { enforcement });
    const binding = found.find(
      ({ kind, metadata }) => kind.endsWith('Binding') && metadata.name === 'netpol-guard-baseline',
    );
    expect(binding?.spec).toEqual(
      actions.length === 0 ? undefined : { policyName: 'netpol-guard-baseline', validationActions: actions },
    );
  });
});

describe('what one policy opens', () => {
  const named = (configuration: object, failsClosed: boolean) =>
    rendered(configuration, { failsClosed }).filter(({ metadata }) => metadata.name === 'netpol-guard-openings');

  it('is judged only where the webhook fails open, and as weakly as the weaker of its two rules', () => {
    expect(named({}, true)).toEqual([]);
    expect(named({}, false)[1]?.spec).toMatchObject({ validationActions: ['Deny', 'Audit'] });
    const warned = named({ rules: { 'egress-open-to-anywhere': 'warn', 'dns-open-to-anywhere': 'deny' } }, false);
    expect(warned[1]?.spec).toMatchObject({ validationActions: ['Warn', 'Audit'] });
    expect(named({ rules: { 'dns-open-to-anywhere': 'off' } }, false)).toEqual([]);
  });
});

describe('every policy', () => {
  it.each(NAMES)('%s asks for every field that may be missing before it reads it', (name) => {
    for (const expression of expressionsOf(specOf(name))) {
      const optional =
        expression.match(
          /\b(?:object|oldObject|namespaceObject)\.(?:metadata\.(?:labels|finalizers|ownerReferences|managedFields|annotations|generateName|deletionTimestamp)|status(?:\.phase)?)\b|request\.userInfo\.\w+/g,
        ) ?? [];
      for (const field of optional) expect(expression).toContain(`has(${field})`);
    }
  });

  it.each(NAMES)('%s uses no more of CEL than Kubernetes 1.30 has', (name) => {
    const known = new Set(
      'has exists all matches startsWith contains split filter map sum size int type group resource name check allowed'.split(
        ' ',
      ),
    );
    for (const expression of expressionsOf(specOf(name))) {
      const code = expression.replaceAll(/'[^']*'|"(?:[^"\\]|\\.)*"/g, "''");
      const called = [...code.matchAll(/(\w+)\(/g)].map(([, one]) => one ?? '');
      expect(called.filter((one) => !known.has(one))).toEqual([]);
      expect(code).not.toContain('optional');
      expect([...code].filter((one) => one === '(').length).toBe([...code].filter((one) => one === ')').length);
    }
  });

  it.each(NAMES)(
    '%s reads neither the namespace nor variables in its conditions, and only variables that it has',
    (name) => {
      const { matchConditions, variables, validations } = specOf(name);
      for (const { expression } of matchConditions) expect(expression).not.toMatch(/namespaceObject|variables\./);
      const known: string[] = [];
      const used = (texts: readonly string[]) =>
        texts.flatMap((one) => [...one.matchAll(/variables\.(\w+)/g)].map(([, variable]) => variable ?? ''));
      for (const one of variables) {
        expect(used([one.expression]).filter((variable) => !known.includes(variable))).toEqual([]);
        known.push(one.name);
      }
      const after = used(validations.flatMap((one) => [one.expression, one.messageExpression ?? '']));
      expect(after.filter((variable) => !known.includes(variable))).toEqual([]);
      const all = new Set([...after, ...used(variables.map(({ expression }) => expression))]);
      expect(known.filter((variable) => !all.has(variable))).toEqual([]);
    },
  );

  it.each(NAMES)('%s says in one line what is wrong', (name) => {
    for (const { message, messageExpression, reason } of specOf(name).validations) {
      expect(message).not.toContain('\n');
      expect(messageExpression ?? '').not.toContain('\\n');
      expect(reason).toBe('Forbidden');
    }
  });
});

const conditions = (name: string): readonly string[] =>
  specOf(name).matchConditions.map((condition: Condition) => condition.name);

describe('who is not asked about', () => {
  it('is netpol-guard itself, but by its fence, and nobody where a policy is being deleted', () => {
    expect(conditions('opt-out')).toContain('not-ourselves');
    expect(conditions('baseline')).toContain('not-ourselves');
    expect(conditions('leaving')).toEqual(['is-being-deleted']);
    expect(conditions('fence')).toEqual(['ourselves']);
  });

  it('is whoever empties a namespace', () => {
    const deleters = specOf('baseline').matchConditions.find(({ name }) => name === 'not-a-deleting-controller');
    for (const user of DELETERS) expect(deleters?.expression).toContain(`"${user}"`);
  });
});
