import type { Sources } from '../manifests/files/read-sources.ts';
import type { Manifests } from '../manifests/text/manifests.ts';
import type { ReportedFinding } from './report.ts';

/** Emptiness is what should have been judged but was missing, as sentences. */
export interface Emptiness {
  /** Something else was there. */
  readonly failures: readonly string[];
  /** There was nothing, which may be intended: folders without manifests, empty pipes, files without a policy. */
  readonly empty: readonly string[];
}

/** Outcome is the result for the files: what was found, and how many policies and Namespaces there were. */
interface Outcome {
  readonly found: readonly ReportedFinding[];
  readonly judged: number;
}

/** emptiness reports where there was nothing to judge. Missing paths are already named elsewhere. */
export function emptiness(
  { texts, missing = [], emptyFolders = [], piped = new Set() }: Pick<Sources, 'texts'> & Partial<Sources>,
  manifests: Manifests,
  { found, judged }: Outcome,
): Emptiness {
  const dry = texts.filter(({ file }) => piped.has(file) && manifests.documentsOf(file) === 0);
  const named = [
    ...emptyFolders,
    ...dry.map(
      ({ file }) =>
        `${file}: no input; the command before it may have failed; if no input is intended, give --allow-empty`,
    ),
  ];
  if (judged > 0 || missing.length > 0) return { failures: [], empty: named };
  if (found.some(({ severity }) => severity === 'error')) return { failures: ['nothing was judged'], empty: named };
  if (named.length > 0) return { failures: [], empty: named };
  // Objects that contain policies and are not judged are among the findings.
  const why = found.length > 0 ? '' : `: ${noPolicyAmong(manifests.documents)}`;
  const sentence = `nothing was judged${why}; if that is intended, --allow-empty treats it as clean`;
  return { failures: [], empty: [sentence] };
}

function noPolicyAmong(documents: number): string {
  if (documents === 0) return 'there is no document';
  return documents === 1 ? 'the one document is not a policy' : `none of the ${documents} documents is a policy`;
}
