import type { Sources } from '../manifests/files/read-sources.ts';
import type { Manifests } from '../manifests/text/manifests.ts';
import type { ReportedFinding } from './report.ts';

/** Emptiness is what was to be judged and was not there, as sentences. */
export interface Emptiness {
  /** Something else was there. */
  readonly failures: readonly string[];
  /** Nothing was, which may be meant: folders without manifests, pipes through which nothing came, files without a policy. */
  readonly empty: readonly string[];
}

/** Outcome is what became of the files: what was found, and how many policies and Namespaces there were. */
interface Outcome {
  readonly found: readonly ReportedFinding[];
  readonly judged: number;
}

/** emptiness says where there was nothing to judge. Paths that are missing are named elsewhere, and that is enough. */
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
  // What holds policies and is not judged is among the findings.
  const why = found.length > 0 ? '' : `: ${noPolicyAmong(manifests.documents)}`;
  const sentence = `nothing was judged${why}; if that is intended, --allow-empty treats it as clean`;
  return { failures: [], empty: [sentence] };
}

function noPolicyAmong(documents: number): string {
  if (documents === 0) return 'there is no document';
  return documents === 1 ? 'the one document is not a policy' : `none of the ${documents} documents is a policy`;
}
