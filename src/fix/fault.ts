import type { ObjectEdit } from '../manifests/edit/edit-text.ts';

/** Fault is a finding in a file, and what `fix` may do about it by itself. */
export interface Fault {
  readonly rule: string;
  readonly isError: boolean;
  /** Absent for objects that lie in no namespace, and for what is no object. */
  readonly namespace?: string | undefined;
  /** How people call the object: `shop/web`; its file where there is none. */
  readonly object: string;
  readonly path: string;
  /** What is wrong, in a line. */
  readonly message: string;
  readonly remedy?: Remedy | undefined;
}

/** Remedy is a fix about which nobody has to decide anything. */
export interface Remedy {
  /** What it does, as an imperative without its full stop. */
  readonly text: string;
  readonly edits: readonly FileEdit[];
}

/** FileEdit is an edit of an object of a file. */
export interface FileEdit extends ObjectEdit {
  readonly file: string;
}

/** keyOf tells a fault from others of the same texts. */
export function keyOf({ object, rule, path, message }: Fault): string {
  return JSON.stringify([object, rule, path, message]);
}

/** moreThan returns those of the later faults of which there were fewer before, or which were no errors. */
export function moreThan(before: readonly Fault[], after: readonly Fault[]): readonly Fault[] {
  const counts = new Map<string, number>();
  const kindsOf = ({ object, rule, isError }: Fault) => {
    const kind = JSON.stringify([object, rule]);
    return isError ? [kind, `${kind} error`] : [kind];
  };
  for (const kind of before.flatMap(kindsOf)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return after.filter((fault) => {
    const left = kindsOf(fault).map((kind) => {
      const count = (counts.get(kind) ?? 0) - 1;
      counts.set(kind, count);
      return count;
    });
    return left.some((count) => count < 0);
  });
}
