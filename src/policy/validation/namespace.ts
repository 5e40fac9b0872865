import { MODE_LEVELS } from '../settings.ts';
import { metadata } from './metadata.ts';
import { dnsLabelProblem } from './names.ts';
import { requireMetadata } from './network-policy.ts';
import { childPath, type Problem, show } from './problem.ts';
import { type Check, isObject, object, own, text, unread } from './shape.ts';

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
 * netpol-guard's own level labels that its webhook would. Pure; any JSON value is accepted.
 */
export function validateNamespace(value: unknown): readonly Problem[] {
  const problems: Problem[] = [];
  check(value, '', problems);
  return [...problems, ...misspeltLevels(value)];
}

function misspeltLevels(value: unknown): readonly Problem[] {
  const labels = labelsOf(value);
  return ['enforce', 'warn', 'audit'].flatMap((mode) => {
    const key = `netpol-guard.io/${mode}`;
    const level = isObject(labels) ? own(labels, key) : undefined;
    if (typeof level !== 'string' || MODE_LEVELS.some((known) => known === level)) return [];
    const message = `${show(level)} is not a level; the levels are ${MODE_LEVELS.join(', ')}`;
    return [{ path: childPath('metadata.labels', key), message }];
  });
}

function labelsOf(value: unknown): unknown {
  const meta = isObject(value) ? own(value, 'metadata') : undefined;
  return isObject(meta) ? own(meta, 'labels') : undefined;
}
