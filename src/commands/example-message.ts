import { withEnforce } from '../config/compile.ts';
import { readConfiguration } from '../config/load.ts';
import { SourceText } from '../manifests/text/source-text.ts';
import { fixLines, lastLine } from '../policy/messages/finding-text.ts';
import { headlineOf } from '../report/report.ts';
import type { RulePage } from '../report/rule-pages.ts';
import { lintSources } from './lint.ts';

/** exampleMessage returns the message for a rule's bad example, as lines for its page. */
export function exampleMessage({ id, docs }: RulePage): readonly string[] {
  const settings = withEnforce(readConfiguration('kind: GuardConfiguration', 'defaults').settings, 'strict');
  const texts = [new SourceText(`${id}.yaml`, docs.bad)];
  const { report } = lintSources({ texts, unreadable: [] }, settings, 'default', 0);
  const finding = report.findings.find(({ rule }) => rule === id);
  if (finding === undefined) throw new Error(`the bad example of ${id} has no such finding`);
  const { why = [], steps = [] } = finding.text ?? {};
  return [...headlineOf(finding), ...why, ...fixLines(steps), lastLine(finding.docs, '')];
}
