import { type CreateNodeOptions, Document, type DocumentOptions, visit } from 'yaml';
import { printable, printableLines, printablePath, printableYamlText } from '../../objects/printable.ts';

/** Folding may move text from within a line to the start of one. */
const UNFOLDED = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY };

/**
 * printableYaml writes a value as YAML that a terminal and a runner only show: anything that they would interpret is
 * quoted and escaped, so a parser gets the same value.
 */
export function printableYaml(value: unknown, options: DocumentOptions & CreateNodeOptions): string {
  const document = new Document(value, options);
  visit(document, {
    Scalar(place, scalar) {
      if (typeof scalar.value === 'string' && !isShown(scalar.value, place)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return printableYamlText(document.toString(UNFOLDED));
}

/** Line breaks are fine: a block is easier to read than a quoted string. */
function isShown(text: string, place: number | 'key' | 'value' | null): boolean {
  if (text.includes('\n')) return printableLines(text) === text;
  // A key begins a line, before a colon as a path does; what follows a key or a dash does not.
  return (place === 'key' || place === null ? printablePath(text) : printable(text)) === text;
}
