import { type Check, object, text, unread } from '../../objects/checks.ts';
import { field, isObject } from '../../objects/fields.ts';
import { metadata } from '../../objects/metadata.ts';
import { dnsLabelProblem } from '../../objects/names.ts';
import { nearest } from '../../objects/nearest.ts';
import { childPath, type Problem, show } from '../../objects/problem.ts';
import { BASELINE_LABEL, NO_TEMPLATE } from '../model/labels.ts';
import { MODE_LEVELS } from '../model/settings.ts';
import { requireMetadata } from './network-policy/validate.ts';

const check: Check = object(
  {
    apiVersion: text(),
    kind: text(),
    metadata: metadata(dnsLabelProblem, false),
    spec: object({ finalizers: unread }),
    status: object({ phase: unread, conditions: unread }),
  },
  requireMetadata,
);

/**
 * validateNamespace returns everything that the API server would refuse in a Namespace, and the values of
 * netpol-guard's own labels that its webhook would: of a level, or of none of these templates. Pure; any JSON value is
 * accepted.
 */
export function validateNamespace(value: unknown, templates: readonly string[]): readonly Problem[] {
  const problems: Problem[] = [];
  check(value, '', problems);
  return [...problems, ...misspeltLevels(value), ...unknownTemplate(value, [NO_TEMPLATE, ...templates])];
}

function misspeltLevels(value: unknown): readonly Problem[] {
  const labels = labelsOf(value);
  return ['enforce', 'warn', 'audit'].flatMap((mode) => {
    const key = `netpol-guard.io/${mode}`;
    const level = isObject(labels) ? field(labels, key) : undefined;
    if (typeof level !== 'string' || MODE_LEVELS.some((known) => known === level)) return [];
    const message = `${show(level)} is not a level; the levels are ${MODE_LEVELS.join(', ')}`;
    return [{ path: childPath('metadata.labels', key), message }];
  });
}

/** Names that a message lists; a configuration may have more templates than anybody reads. */
const MAX_NAMED = 20;

function unknownTemplate(value: unknown, known: readonly string[]): readonly Problem[] {
  const labels = labelsOf(value);
  const name = isObject(labels) ? field(labels, BASELINE_LABEL) : undefined;
  if (typeof name !== 'string' || known.includes(name)) return [];
  const near = nearest(name, known);
  const meant = near === undefined ? '' : `did you mean ${near}? `;
  const names = known.slice(0, MAX_NAMED).join(', ');
  const message = `${show(name)} is not a template; ${meant}use ${names}, or define it in baseline.templates of the configuration`;
  return [{ path: childPath('metadata.labels', BASELINE_LABEL), message }];
}

function labelsOf(value: unknown): unknown {
  const meta = isObject(value) ? field(value, 'metadata') : undefined;
  return isObject(meta) ? field(meta, 'labels') : undefined;
}
