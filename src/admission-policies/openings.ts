import { dnsOpenToAnywhere } from '../policy/rules/dns-open-to-anywhere.ts';
import { egressOpenToAnywhere } from '../policy/rules/egress-open-to-anywhere.ts';
import { type Cel, isUser } from './cel.ts';
import { exemption, isOff } from './exemption.ts';
import type { Parameters } from './parameters.ts';
import { networkPolicies, type PolicySpec, type Validation } from './policy-object.ts';

/** Above these limits a policy passes unjudged: the API server limits the cost of an expression. */
const MOST_RULES = 500;
const MOST_ITEMS = 500;
const MOST_TOGETHER = 1000;
/** Each is compared with all the others. */
const MOST_REQUIREMENTS = 20;

/** The most addresses of an IPv4 block that are private, multicast or reserved (IANA's special-purpose registry). */
const MOST_SPECIAL = 600_000_000;
/** A little above 1/256 of all others. */
const ANYWHERE = 14_500_000;

/** How many addresses a block has, by its prefix length. */
const SIZES: Cel = `[${Array.from({ length: 33 }, (_, length) => String(2 ** (32 - length))).join(', ')}]`;

/**
 * openings refuses what one NetworkPolicy on its own opens to anywhere, on a DNS port or on every port, for
 * installations where the webhook fails open. It does not add up blocks, ignores other policies and recognises only
 * plain spellings. It is never stricter than the engine: on an empty namespace, what it refuses the engine refuses too.
 */
export function openings(user: string, parameters: Parameters): PolicySpec {
  const { dnsPorts, isUsualThreshold, exemptFromOpenings } = parameters;
  return {
    rules: [networkPolicies('CREATE', 'UPDATE')],
    matchConditions: [
      { name: 'not-ourselves', expression: `!(${isUser(user)})` },
      { name: 'small-enough', expression: isSmallEnough() },
    ],
    variables: [
      ...exemption(parameters, exemptFromOpenings, 'object'),
      ...isOff(parameters),
      { name: 'selectsPods', expression: selectsPods() },
      { name: 'passes', expression: 'variables.isOff || variables.isExempt || !variables.selectsPods' },
      { name: 'sizes', expression: SIZES },
      { name: 'isUsualThreshold', expression: isUsualThreshold },
      { name: 'dnsPorts', expression: dnsPorts },
      { name: 'wide', expression: wideRules('object') },
      { name: 'wideBefore', expression: `oldObject == null ? [] : ${wideRules('oldObject')}` },
    ],
    validations: [
      validation(
        opensDns,
        'a DNS port',
        `which lets pods ask any resolver; allow only cluster DNS [${dnsOpenToAnywhere.id}]`,
      ),
      validation(
        opensAll,
        'every port',
        `which lets pods ask any resolver; name the ports [${egressOpenToAnywhere.id}]`,
      ),
    ],
  };
}

function isSmallEnough(): Cel {
  const rules = 'object.spec.egress';
  const count = (list: string) => `(has(${list}) ? ${list}.size() : 0)`;
  const excepted = '(has(p.ipBlock) && has(p.ipBlock.except) ? p.ipBlock.except.size() : 0)';
  const each = `${rules}.all(r, ${count('r.ports')} <= ${MOST_ITEMS} && ${count('r.to')} <= ${MOST_ITEMS})`;
  const items = `${rules}.map(r, ${count('r.ports')} + ${count('r.to')}).sum() <= ${MOST_TOGETHER}`;
  const exceptions = `${rules}.map(r, has(r.to) ? r.to.map(p, ${excepted}).sum() : 0).sum() <= ${MOST_TOGETHER}`;
  const requirements = 'object.spec.podSelector.matchExpressions';
  const selector = `(!has(${requirements}) || ${requirements}.size() <= ${MOST_REQUIREMENTS})`;
  return `has(${rules}) && ${rules}.size() <= ${MOST_RULES} && ${each} && ${items} && ${exceptions} && ${selector}`;
}

/** Two requirements on one label may contradict each other, so that no pod is selected. A single one never does. */
function selectsPods(): Cel {
  const [labels, expressions] = ['object.spec.podSelector.matchLabels', 'object.spec.podSelector.matchExpressions'];
  const isAlone = `${expressions}.filter(f, f.key == e.key).size() == 1 && !(has(${labels}) && e.key in ${labels})`;
  return `!has(${expressions}) || ${expressions}.all(e, ${isAlone})`;
}

/** The egress rules of a policy that open anywhere. */
function wideRules(object: 'object' | 'oldObject'): Cel {
  const spec = `${object}.spec`;
  const isEgress = `has(${spec}.egress) && has(${spec}.policyTypes) && 'Egress' in ${spec}.policyTypes`;
  const isWide = `!has(r.to) || r.to.exists(p, has(p.ipBlock) && (p.ipBlock.cidr.contains(':') ? ${isWideV6()} : ${isWideV4()}))`;
  return `(${isEgress} ? ${spec}.egress.filter(r, ${isWide}) : [])`;
}

/** A block of 8 bits or less holds 1/256 of all public addresses, except those that are private, or partly so. */
function isWideV4(): Cel {
  const prefix = "int(p.ipBlock.cidr.split('/')[1])";
  const first = "int(p.ipBlock.cidr.split('.')[0])";
  const plain = `(${prefix} <= 7 || ${prefix} == 8 && !(${first} in [0, 10, 100, 127])) && ${first} < 224`;
  const excepted = "p.ipBlock.except.map(x, variables.sizes[int(x.split('/')[1])]).sum()";
  const less = `variables.sizes[${prefix}] - ${MOST_SPECIAL} - ${excepted} >= ${ANYWHERE}`;
  const usual = `(has(p.ipBlock.except) ? ${less} : ${plain})`;
  return `(variables.isUsualThreshold ? ${usual} : ${prefix} == 0 && !has(p.ipBlock.except))`;
}

/** Blocks that contain a /12 that IANA has given to a regional registry, each plainly spelt. */
function isWideV6(): Cel {
  const whole = "['::/0', '::/1', '::/2', '2000::/3']";
  const parts = [
    '^2[0-9a-f]{3}:.*/[45]$',
    '^2[4-9a-f][0-9a-f]{2}:.*/6$',
    '^2[4-9a-d][0-9a-f]{2}:.*/7$',
    '^2[468ac][0-9a-f]{2}:.*/8$',
  ];
  const isPart = parts.map((part) => `p.ipBlock.cidr.matches('${part}')`).join(' || ');
  return `(!has(p.ipBlock.except) && (p.ipBlock.cidr in ${whole} || variables.isUsualThreshold && (${isPart})))`;
}

const CARRIES_DNS = "(!has(q.protocol) || q.protocol in ['UDP', 'TCP'])";
const IS_EVERY_PORT = '(!has(q.port) || type(q.port) == int && q.port == 1 && has(q.endPort) && q.endPort == 65535)';

/** The other rule covers every port. */
function opensDns(wide: string): Cel {
  const hit = 'd == q.port || has(q.endPort) && q.port <= d && d <= q.endPort';
  const port = `has(q.port) && type(q.port) == int && !${IS_EVERY_PORT} && variables.dnsPorts.exists(d, ${hit})`;
  return `variables.${wide}.exists(r, has(r.ports) && r.ports.exists(q, ${CARRIES_DNS} && ${port}))`;
}

function opensAll(wide: string): Cel {
  return `variables.${wide}.exists(r, !has(r.ports) || r.ports.exists(q, ${CARRIES_DNS} && ${IS_EVERY_PORT}))`;
}

/** An existing opening may be written again: the webhook checks whether it is larger once it is back. */
function validation(opens: (wide: string) => Cel, what: string, why: string): Validation {
  return {
    expression: `variables.passes || !${opens('wide')} || ${opens('wideBefore')}`,
    message: `this NetworkPolicy opens ${what} to anywhere, ${why}`,
    messageExpression: `'NetworkPolicy ' + request.namespace + '/' + object.metadata.name + " opens ${what} to anywhere, ${why}"`,
    reason: 'Forbidden',
  };
}
