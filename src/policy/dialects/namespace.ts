import { checked } from '../../objects/faults.ts';
import { asObject, field, isObject, onlyFields } from '../../objects/fields.ts';
import { readMetadata } from '../../objects/metadata.ts';
import { dnsLabelProblem } from '../../objects/names.ts';
import { nearest } from '../../objects/nearest.ts';
import { childPath, type Problem, show } from '../../objects/problem.ts';
import { BASELINE_LABEL, NO_TEMPLATE } from '../model/labels.ts';
import { MODE_LEVELS } from '../model/settings.ts';

const NAMING = { problem: dnsLabelProblem, namespaced: false };

/**
 * validateNamespace returns everything that the API server would refuse in a Namespace, and the label values that
 * netpol-guard's webhook would refuse: an unknown level, or a template that is not among these. Pure; accepts any JSON
 * value.
 */
export function validateNamespace(value: unknown, templates: readonly string[]): readonly Problem[] {
  const { problems } = checked((faults) => {
    const root = asObject(value, '', faults);
    onlyFields(root, '', ['apiVersion', 'kind', 'metadata', 'spec', 'status'], faults);
    readMetadata(root, NAMING, faults);
    onlyFields(asObject(field(root, 'spec'), 'spec', faults), 'spec', ['finalizers'], faults);
    onlyFields(asObject(field(root, 'status'), 'status', faults), 'status', ['phase', 'conditions'], faults);
  });
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

/** Names that a message lists; a configuration may have more templates than anyone would read. */
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
