import { mayExempt, pattern } from '../../admission-policies/cel.ts';
import { DELETERS } from '../../policy/model/deleters.ts';
import { LABEL_PREFIX } from '../../policy/model/labels.ts';
import { SYSTEM_NAMESPACES } from '../../policy/model/system-namespaces.ts';

/**
 * MatchCondition is a CEL expression that must hold for the webhook to be called. None here can end in an error: a
 * request omits an empty field, so each is tested with has() first.
 */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

/** notUnder excludes system namespaces that are globs, which a selector cannot express. `field` may be missing. */
export function notUnder(field: string): MatchCondition {
  return { name: 'not-a-system-namespace', expression: `!(${under(field)})` };
}

function under(field: string): string {
  const prefixes = SYSTEM_NAMESPACES.filter((name) => name.endsWith('*')).map((glob) => glob.slice(0, -1));
  const tests = prefixes.map((prefix) => `${field}.startsWith('${prefix}')`);
  return `has(${field}) && (${tests.join(' || ')})`;
}

/** notNamed excludes objects by their own names. An object without a name has none of them. */
export function notNamed(names: readonly string[]): MatchCondition {
  const field = 'object.metadata.name';
  return { name: 'not-a-named-system-namespace', expression: `!(has(${field}) && ${field} in ${list(names)})` };
}

/** A regular expression that no name matches, so that the list is never empty. */
const NO_NAME = '^-$';

/**
 * notExcluded excludes Namespaces whose names match one of the globs, if the user has the verb `exempt` on
 * `namespaces.netpol-guard.io` of that name. A name that is still to be generated is unknown, so it needs the verb on
 * all names.
 */
export function notExcluded(globs: readonly string[]): MatchCondition {
  const patterns = list([NO_NAME, ...[...new Set(globs)].sort().map(pattern)]);
  const [name, prefix] = ['object.metadata.name', 'object.metadata.generateName'];
  const found = `(has(${name}) ? ${name} : has(${prefix}) ? ${prefix} + 'xxxxx' : '')`;
  const isExempt = mayExempt(`has(${name}) ? ${name} : ''`);
  return {
    name: 'not-excluded-by-somebody-exempt',
    expression: `!(${patterns}.exists(p, ${found}.matches(p)) && ${isExempt})`,
  };
}

/** notADeleter excludes the users that empty a deleted namespace. */
export const notADeleter: MatchCondition = {
  name: 'not-a-deleting-controller',
  expression: `!(has(request.userInfo.username) && request.userInfo.username in ${list(DELETERS)})`,
};

/** ourLabelsDiffer tests whether one of netpol-guard's labels is new, changed or removed. */
export const ourLabelsDiffer: MatchCondition = {
  name: 'our-labels-differ',
  expression: `${differs('object', 'oldObject')} || ${differs('oldObject', 'object')}`,
};

function differs(one: string, other: string): string {
  const labels = `${one}.metadata.labels`;
  const others = `${other}.metadata.labels`;
  const same = `${other} != null && has(${others}) && k in ${others} && ${others}[k] == ${labels}[k]`;
  return `(${one} != null && has(${labels}) && ${labels}.exists(k, k.startsWith('${LABEL_PREFIX}') && !(${same})))`;
}

/** aboutNothing excludes everything: the API server never calls. */
export const aboutNothing: MatchCondition = { name: 'about-nothing', expression: 'false' };

/** notUser excludes one user. */
export function notUser(user: string): MatchCondition {
  return { name: 'not-ourselves', expression: isNot(user) };
}

function isNot(user: string): string {
  return `!(has(request.userInfo.username) && request.userInfo.username == '${user}')`;
}

function list(values: readonly string[]): string {
  return `[${values.map((value) => `'${value}'`).join(', ')}]`;
}
