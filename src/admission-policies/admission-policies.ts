import { baselineModified } from '../policy/rules/baseline-modified.ts';
import { managedPolicies } from './baseline.ts';
import { fence } from './fence.ts';
import { leaving } from './leaving.ts';
import { reservedNames } from './names.ts';
import { openings } from './openings.ts';
import { optOut } from './opt-out.ts';
import type { Parameters } from './parameters.ts';
import type { PolicySpec } from './policy-object.ts';
import { RULES_OF_OPENINGS } from './rules-of-openings.ts';

/** AdmissionPolicy is a check that the API server makes by itself for one kind of request. */
export interface AdmissionPolicy {
  /** As in `netpol-guard-opt-out`. */
  readonly name: string;
  /** The rules that it replaces; the weakest of their overrides in the configuration also applies to it. */
  readonly rules: readonly string[];
  /** Whether it exists only if the webhook fails open for policies. */
  readonly forFailingOpen: boolean;
  readonly spec: PolicySpec;
}

/** admissionPolicies are all policies, for netpol-guard's own user name. None of them needs the engine, nor any replica. */
export function admissionPolicies(user: string, parameters: Parameters): readonly AdmissionPolicy[] {
  const usual = { rules: [], forFailingOpen: false };
  return [
    { ...usual, name: 'opt-out', spec: optOut(user, parameters) },
    { ...usual, name: 'baseline', rules: [baselineModified.id], spec: managedPolicies(user, parameters) },
    { ...usual, name: 'leaving', spec: leaving() },
    { ...usual, name: 'names', spec: reservedNames(parameters) },
    { name: 'openings', rules: RULES_OF_OPENINGS, forFailingOpen: true, spec: openings(user, parameters) },
    { ...usual, name: 'fence', spec: fence(user, parameters) },
  ];
}
