import { type Check, integer, listOf, mapOf, object, text, unread } from './checks.ts';
import { childPath } from './field-path.ts';
import { field, type Json } from './fields.ts';
import { dnsLabelProblem, labelKeyProblem, labelValueProblem } from './names.ts';
import type { Problem } from './problem.ts';

/** TotalAnnotationSizeLimitB of k8s.io/apimachinery/pkg/api/validation, in bytes. */
const ANNOTATIONS_MAX = 262_144;

const labels: Check = mapOf((key, value, path, problems) => {
  const message = labelKeyProblem(key) ?? labelValueProblem(value);
  if (message !== undefined) problems.push({ path, message });
});

const annotationEntries: Check = mapOf((key, _value, path, problems) => {
  const message = labelKeyProblem(key.toLowerCase());
  if (message !== undefined) problems.push({ path, message, onKey: true });
});

const annotations: Check = (value, path, problems) => {
  annotationEntries(value, path, problems);
  const size = Object.entries(value ?? {}).reduce((sum, [key, item]) => sum + bytes(key) + bytes(item), 0);
  if (size > ANNOTATIONS_MAX) {
    problems.push({ path, message: `${size} bytes of annotations, at most ${ANNOTATIONS_MAX} are allowed` });
  }
};

function bytes(value: unknown): number {
  return typeof value === 'string' ? new TextEncoder().encode(value).length : 0;
}

/** labelEntries checks a map of labels: `metadata.labels`, `matchLabels`. */
export const labelEntries: Check = labels;

/** metadata checks an ObjectMeta. `nameProblem` is the grammar of the kind's names. */
export function metadata(nameProblem: (name: string) => string | undefined, namespaced: boolean): Check {
  return object(
    {
      name: text((name) => (name === '' ? undefined : nameProblem(name))),
      // A generated name ends in five more characters, so the prefix may end in a dash.
      generateName: text((prefix) => (prefix === '' ? undefined : nameProblem(prefix.replace(/-$/, 'x')))),
      namespace: text((name) => (name === '' || !namespaced ? undefined : dnsLabelProblem(name))),
      labels,
      annotations,
      creationTimestamp: text(),
      deletionTimestamp: text(),
      deletionGracePeriodSeconds: integer,
      generation: integer,
      uid: text(),
      resourceVersion: text(),
      selfLink: text(),
      finalizers: listOf(text(), ''),
      ownerReferences: listOf(unread, {}),
      managedFields: listOf(unread, {}),
    },
    requireName,
  );
}

function requireName(value: Json, path: string, problems: Problem[]): void {
  const named = [field(value, 'name'), field(value, 'generateName')].some((name) => name !== undefined && name !== '');
  if (!named) problems.push({ path: childPath(path, 'name'), message: 'is missing; give a name, or a generateName' });
}
