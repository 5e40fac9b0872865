import { lintSources } from '../../src/commands/lint.ts';
import { withEnforce } from '../../src/config/compile.ts';
import { readConfiguration } from '../../src/config/load.ts';
import { SourceText } from '../../src/manifests/text/source-text.ts';
import type { ModeLevel } from '../../src/policy/model/settings.ts';
import type { ReportedFinding } from '../../src/report/report.ts';

/** JudgeOptions are what a test may change about a judgement. */
export interface JudgeOptions {
  /** A configuration file's text. */
  readonly configuration?: string;
  readonly level?: ModeLevel;
}

/** judgeManifests says what the linter says of manifests. */
export function judgeManifests(yaml: string, options: JudgeOptions = {}): readonly ReportedFinding[] {
  const { settings } = readConfiguration(options.configuration ?? 'kind: GuardConfiguration', 'configuration');
  const levelled = options.level === undefined ? settings : withEnforce(settings, options.level);
  const sources = { texts: [new SourceText('manifests.yaml', yaml)], unreadable: [] };
  return lintSources(sources, levelled, 'default', 0).report.findings;
}
