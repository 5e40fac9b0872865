import type { DnsServer } from '../../src/policy/model/dns-server.ts';
import type { Finding, Level } from '../../src/policy/model/finding.ts';
import { applyFix, applyFixes, editsOf, type Manifest, readDocuments, writeDocuments } from './apply-edits.ts';
import { isolatedAnew, openedAnew } from './harm.ts';
import { judgeCase } from './rule-cases.ts';

/** LEFT_TO_THE_AUTHOR has no edits: which pods a Service has, what a policy is to allow, what keeps it and what may be simpler. */
export const LEFT_TO_THE_AUTHOR: ReadonlySet<string> = new Set([
  'baseline-modified',
  'policy-being-deleted',
  'policy-too-complicated',
  'service-address-in-ip-block',
]);

/** DNS servers ask their upstream resolvers, and only the author knows where those are: the fix opens port 53 to addresses. */
const UPSTREAM = /^Let the DNS servers ask other resolvers/;

const LEVELS: readonly Level[] = ['advice', 'strict', 'standard'];

/**
 * breachesOf applies the fix of a finding of the manifests, and says in sentences where that broke the law: it removes the
 * finding, brings no other of its level, isolates no pod and opens nothing but cluster DNS.
 */
export function breachesOf(manifests: string, finding: Finding, findings: readonly Finding[]): readonly string[] {
  if (editsOf(finding).length === 0) {
    return LEFT_TO_THE_AUTHOR.has(finding.rule) ? [] : [`${finding.rule} has a fix without an edit`];
  }
  const [before, documents] = [readDocuments(manifests), readDocuments(manifests)];
  applyFix(documents, finding);
  const after = judgeCase(writeDocuments(documents));
  return [
    ...after.refused.map((reason) => `${finding.rule}: the API server refuses what comes of it: ${reason}`),
    ...whatIsLeft(finding, findings, after.findings),
    ...isolatedAnew(before, documents).map((pod) => `${finding.rule} isolates ${pod}`),
    ...opened(finding, before, documents, after.servers).map((way) => `${finding.rule} opens ${way}`),
  ];
}

/**
 * breachesTogether applies the fixes of all findings of one object, as a message lists them, and says where that broke the law:
 * it isolates no pod, opens nothing but cluster DNS, brings no refusal of another rule and no rule twice.
 */
export function breachesTogether(manifests: string, findings: readonly Finding[]): readonly string[] {
  const nameOf = ({ object: { namespace, name } }: Finding) => `${namespace}/${name}`;
  return [...new Set(findings.map(nameOf))].flatMap((object) => {
    const together = findings.filter((finding) => nameOf(finding) === object);
    if (together.every((finding) => editsOf(finding).length === 0)) return [];
    const [before, documents] = [readDocuments(manifests), readDocuments(manifests)];
    applyFixes(documents, together);
    const after = judgeCase(writeDocuments(documents));
    const known = new Set(findings.map(({ rule }) => rule));
    const arisen = after.findings.filter(({ rule, level }) => level === 'standard' && !known.has(rule));
    const isUpstream = together.some(({ fix }) => UPSTREAM.test(fix.steps[0].text));
    return [
      ...after.refused.map((reason) => `the API server refuses what comes of it: ${reason}`),
      ...arisen.map(({ rule, path, why }) => `now ${rule} at ${path}: ${why}`),
      ...isolatedAnew(before, documents).map((pod) => `isolates ${pod}`),
      ...(isUpstream ? [] : openedAnew(before, documents, after.servers).map((way) => `opens ${way}`)),
      ...twice(before, documents).map((rule) => `has twice ${rule}`),
    ].map((breach) => `${object} with all fixes: ${breach}`);
  });
}

/** misplacedSteps lists the steps of a fix whose text names another place than the one to which their YAML belongs. */
export function misplacedSteps({ rule, fix }: Finding): readonly string[] {
  return fix.steps.flatMap((step) => {
    const shown = step.edits.find(({ kind }) => kind !== 'remove');
    if (shown === undefined || shown.kind === 'apply') return [];
    const named = /spec(?:\.\w+(?:\[\d+\])?)+/.exec(step.text)?.[0];
    // YAML that begins with a key also belongs to the object that has the key.
    const ofKey = shown.kind === 'set' && !shown.path.endsWith(']') ? [shown.path.replace(/\.\w+$/, '')] : [];
    return [shown.path, ...ofKey].some((path) => path === named) ? [] : [`${rule}: ${step.text} (${shown.path})`];
  });
}

/** The egress rules that are there twice in a policy, and were not. */
function twice(before: readonly Manifest[], after: readonly Manifest[]): readonly string[] {
  const doubles = (documents: readonly Manifest[]) =>
    documents.flatMap(({ spec }) => {
      const { egress } = (spec ?? {}) as { readonly egress?: readonly unknown[] | null };
      const rules = (egress ?? []).map((rule) => JSON.stringify(rule));
      return rules.filter((rule, i) => rules.indexOf(rule) !== i);
    });
  const known = doubles(before);
  return [...new Set(doubles(after))].filter((rule) => !known.includes(rule));
}

function opened(
  { fix }: Finding,
  before: readonly Manifest[],
  after: readonly Manifest[],
  servers: readonly DnsServer[],
): readonly string[] {
  return UPSTREAM.test(fix.steps[0].text) ? [] : openedAnew(before, after, servers);
}

/** The finding itself where there are no fewer of its sort, and others that are new and of its level or above. */
function whatIsLeft(fixed: Finding, before: readonly Finding[], after: readonly Finding[]): readonly string[] {
  const isSame = (a: Finding, b: Finding) => a.rule === b.rule && a.object.name === b.object.name;
  const sort = (findings: readonly Finding[]) => findings.filter((finding) => isSame(finding, fixed));
  const stays = sort(after).length < sort(before).length ? [] : sort(after);
  const isNew = (finding: Finding) => !before.some((known) => isSame(known, finding));
  const isGrave = ({ level }: Finding) => LEVELS.indexOf(level) >= LEVELS.indexOf(fixed.level);
  const arisen = after.filter((finding) => isNew(finding) && isGrave(finding));
  const tell =
    (what: string) =>
    ({ object, path, rule, why }: Finding) =>
      `${fixed.rule} of ${fixed.object.name}: ${what} ${rule} of ${object.name} at ${path}: ${why}`;
  return [...stays.map(tell('still')), ...arisen.map(tell('now'))];
}
