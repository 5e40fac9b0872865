import { type Check, listOf, object, text } from '../../../objects/checks.ts';
import { field, type Json } from '../../../objects/fields.ts';
import { metadata } from '../../../objects/metadata.ts';
import { dnsSubdomainProblem, portNameProblem } from '../../../objects/names.ts';
import { type Problem, show } from '../../../objects/problem.ts';
import { labelSelector } from '../../../objects/selectors.ts';
import { ipBlock } from './ip-block.ts';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];
const POLICY_TYPES = ['Ingress', 'Egress'];

const protocol = text((value) =>
  PROTOCOLS.includes(value) ? undefined : `${show(value)} is not TCP, UDP or SCTP, in capitals`,
);

const policyType = text((value) =>
  POLICY_TYPES.includes(value) ? undefined : `${show(value)} is not Ingress or Egress`,
);

const portNumber: Check = (value, path, problems) => {
  if (Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 65535) return;
  problems.push({ path, message: `${show(value)} is not a port number from 1 to 65535` });
};

/** Go's intstr.IntOrString: a number, or a name as a string. */
const portOrName: Check = (value, path, problems) => {
  if (typeof value === 'string') text(portNameProblem)(value, path, problems);
  else if (typeof value === 'number') portNumber(value, path, problems);
  else problems.push({ path, message: `${show(value)} is neither a port number nor the name of one` });
};

const port: Check = object({ protocol, port: portOrName, endPort: portNumber }, (value, path, problems) => {
  const first = field(value, 'port');
  const last = field(value, 'endPort');
  if (last === undefined) return;
  if (first === undefined) problems.push({ path: `${path}.endPort`, message: `${show(last)} stands without a port` });
  else if (typeof first === 'string') {
    problems.push({
      path: `${path}.endPort`,
      message: `${show(last)} goes with a port number, not with ${show(first)}`,
    });
  } else if (typeof first === 'number' && typeof last === 'number' && last < first) {
    problems.push({ path: `${path}.endPort`, message: `${last} is below the port ${first}` });
  }
});

const peer: Check = object(
  { podSelector: labelSelector, namespaceSelector: labelSelector, ipBlock },
  (value, path, problems) => {
    const selects = field(value, 'podSelector') !== undefined || field(value, 'namespaceSelector') !== undefined;
    const block = field(value, 'ipBlock') !== undefined;
    if (!selects && !block) {
      const message =
        'names no peer; give a podSelector, a namespaceSelector or an ipBlock, or leave the whole list out';
      problems.push({ path, message });
    } else if (selects && block) {
      problems.push({ path, message: 'has an ipBlock beside a selector; put them in two items' });
    }
  },
);

function rule(peers: 'from' | 'to'): Check {
  return object({ ports: listOf(port, {}), [peers]: listOf(peer, {}) });
}

const policyTypes: Check = (value, path, problems) => {
  if (Array.isArray(value) && value.length > POLICY_TYPES.length) {
    problems.push({ path, message: `has ${value.length} items, at most two are allowed` });
  } else listOf(policyType, '')(value, path, problems);
};

const spec: Check = object({
  podSelector: labelSelector,
  policyTypes,
  ingress: listOf(rule('from'), {}),
  egress: listOf(rule('to'), {}),
});

const check: Check = object(
  { apiVersion: text(), kind: text(), metadata: metadata(dnsSubdomainProblem, true), spec },
  requireMetadata,
);

/** requireMetadata finds an object without any metadata, and so without a name. */
export function requireMetadata(value: Json, _path: string, problems: Problem[]): void {
  if (field(value, 'metadata') === undefined)
    problems.push({ path: 'metadata', message: 'is missing; give a name in it' });
}

/**
 * validateNetworkPolicy returns everything that the API server, or kubectl's strict field validation before it, would
 * refuse in a networking.k8s.io/v1 NetworkPolicy (pkg/apis/networking/validation/validation.go), in the order of the
 * object's fields. Pure; any JSON value is accepted.
 */
export function validateNetworkPolicy(value: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  check(value, '', problems);
  return problems;
}
