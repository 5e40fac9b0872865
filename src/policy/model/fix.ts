import { blockYaml } from '../../objects/block-yaml.ts';
import { type FieldPath, parsePath } from '../../objects/field-path.ts';
import type { Json } from '../../objects/fields.ts';

/** Fix is the remedy for a fault: one step, or several that belong together. */
export interface Fix {
  readonly steps: readonly [Step, ...Step[]];
  /** Whether it needs no decision, so that `netpol-guard fix` may apply it. */
  readonly isCertain?: boolean | undefined;
}

/** Step is one action. */
export interface Step {
  /** An imperative without its full stop: `Add this rule to spec.egress`. */
  readonly text: string;
  /** What it changes; empty if only its reader can know. Only the YAML of the first is shown. */
  readonly edits: readonly Edit[];
}

/** Edit is one change of one policy. Its path refers to the object as it was written, before any other edits. */
export type Edit =
  /** Items to append to a list, which need not exist yet. */
  | (Place & { readonly kind: 'add'; readonly items: readonly unknown[] })
  /** A new value for a field or for an item of a list. */
  | (Place & { readonly kind: 'set'; readonly value: unknown })
  /** A field, or an item of a list, to remove. */
  | (Place & { readonly kind: 'remove' })
  /** A policy to apply beside the others. */
  | { readonly kind: 'apply'; readonly object: Json };

interface Place {
  readonly path: string;
  /** The name of the policy, if it is not the one that the finding is about. */
  readonly policy?: string | undefined;
}

/** advice is a fix that only its reader can make. */
export function advice(text: string): Fix {
  return { steps: [{ text, edits: [] }] };
}

/** fixOf is a fix of one step. */
export function fixOf(text: string, ...edits: readonly Edit[]): Fix {
  return { steps: [{ text, edits }] };
}

/** fixFrom is a fix of these steps, in their order. Throws where there is none. */
export function fixFrom([first, ...others]: readonly Step[]): Fix {
  if (first === undefined) throw new Error('a fix has at least one step');
  return { steps: [first, ...others] };
}

/**
 * inSteps is a fix whose first edit has a text; any other addition is a separate step, since it is shown separately.
 */
export function inSteps(text: string, first: Edit, more: readonly (Edit & { readonly kind: 'add' })[]): Fix {
  const others = more.map((edit): Step => ({ text: `Add this to ${edit.path}`, edits: [edit] }));
  return { steps: [{ text, edits: [first] }, ...others] };
}

/** precededBy is a fix after a step that only its reader can do; the fix itself if there is no such step. */
export function precededBy(text: string | undefined, fix: Fix): Fix {
  return text === undefined ? fix : { ...fix, steps: [{ text, edits: [] }, ...fix.steps] };
}

/** onCondition is a fix that says when to make it, so never a certain one: `Unless that is your resolver, remove spec.egress[1]`. */
export function onCondition(condition: string, { steps: [first, ...others] }: Fix): Fix {
  const text = `${condition}, ${first.text.charAt(0).toLowerCase()}${first.text.slice(1)}`;
  return { steps: [{ ...first, text }, ...others] };
}

/** inPolicy is the same fix in another policy of the namespace, as `shown` in its text. */
export function inPolicy({ steps: [first, ...others], isCertain }: Fix, shown: string, name: string | undefined): Fix {
  const moved = ({ text, edits }: Step): Step => ({
    text: `${text} of ${shown}`,
    edits: edits.map((edit) => (edit.kind === 'apply' ? edit : { ...edit, policy: name })),
  });
  return { steps: [moved(first), ...others.map(moved)], isCertain };
}

/** yamlOf returns what a step adds, as lines of YAML at their final indentation; none if it only removes something. */
export function yamlOf({ edits }: Step): readonly string[] {
  for (const edit of edits) {
    const lines = linesOf(edit);
    if (lines.length > 0) return lines;
  }
  return [];
}

function linesOf(edit: Edit): readonly string[] {
  switch (edit.kind) {
    case 'add':
      return indented(2 * parsePath(edit.path).length, blockYaml(edit.items));
    case 'set':
      return setLines(parsePath(edit.path), edit.value);
    case 'remove':
      return [];
    case 'apply':
      return blockYaml(edit.object);
  }
}

/** Each step of a path is two columns further in: a key of an object, or the dash of an item. */
function setLines(path: FieldPath, value: unknown): readonly string[] {
  const last = path.at(-1) ?? '';
  const whole = typeof last === 'number' ? [value] : { [last]: value };
  return indented(2 * (path.length - 1), blockYaml(whole));
}

function indented(width: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => ' '.repeat(width) + line);
}

/** describeFix describes a fix in one line: `Remove spec.egress[1]. Add this rule to spec.egress`. */
export function describeFix({ steps }: Fix): string {
  return steps.map(({ text }) => text).join('. ');
}
