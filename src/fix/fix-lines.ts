import { plain } from '../objects/plain-text.ts';
import { type Fault, keyOf } from './fault.ts';
import type { Fixed } from './fix-texts.ts';

/** doneLines say in a line each what was fixed: `fixed shop/web: name cluster DNS in spec.egress[0] [dns-open-to-anywhere]`. */
export function doneLines(done: readonly Fault[], verb: string): readonly string[] {
  return done.map(({ object, remedy, rule }) =>
    plain(`${verb} ${object}: ${lowerFirst(remedy?.text ?? '')} [${rule}]`),
  );
}

/** leftLines say in a line each what is left to a person, and why where it was tried. */
export function leftLines({ left, reasons }: Pick<Fixed, 'left' | 'reasons'>): readonly string[] {
  return left.map((fault) => {
    const reason = reasons.get(keyOf(fault));
    const { object, message, rule, isError } = fault;
    const why = reason === undefined ? '' : `; not fixed: ${reason}`;
    return plain(`left to you, ${isError ? 'error' : 'warning'}: ${object}: ${message} [${rule}]${why}`);
  });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
