import { cut, plain } from '../../objects/plain-text.ts';

/** As Kubernetes has it; a longer value is refused there. */
const MOST = 63;

/** labelValueText shows the value of a label that has not been checked yet. */
export function labelValueText(value: string): string {
  return cut(plain(value), MOST);
}
