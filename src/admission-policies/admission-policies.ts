import { managedPolicies } from './baseline.ts';
import { fence } from './fence.ts';
import { leaving } from './leaving.ts';
import { reservedNames } from './names.ts';
import { optOut } from './opt-out.ts';
import type { Parameters } from './parameters.ts';
import type { PolicySpec } from './policy-object.ts';

/** AdmissionPolicy is what the API server decides by itself about one kind of request. */
export interface AdmissionPolicy {
  /** As in `netpol-guard-opt-out`. */
  readonly name: string;
  /** The rule that it stands in for, whose override in the configuration counts for it too. */
  readonly rule?: string;
  readonly spec: PolicySpec;
}

/** admissionPolicies are all policies, for netpol-guard's own user name. None of them needs the engine, nor any replica. */
export function admissionPolicies(user: string, parameters: Parameters): readonly AdmissionPolicy[] {
  return [
    { name: 'opt-out', spec: optOut(user, parameters) },
    { name: 'baseline', rule: 'baseline-modified', spec: managedPolicies(user, parameters) },
    { name: 'leaving', spec: leaving() },
    { name: 'names', spec: reservedNames(parameters) },
    { name: 'fence', spec: fence(user, parameters) },
  ];
}
