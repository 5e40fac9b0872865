import type { Sources } from '../manifests/files/read-sources.ts';
import type { Manifests } from '../manifests/text/manifests.ts';

/**
 * emptiness says, as sentences, where there was nothing to judge though something was to be: folders without manifests,
 * pipes through which nothing came, and all the files together. `known` says what the report says anyway: that something was
 * judged or is wrong, or that something is named as not judged.
 */
export function emptiness(
  { texts, emptyFolders = [], piped = new Set() }: Pick<Sources, 'texts'> & Partial<Sources>,
  manifests: Manifests,
  known: 'enough' | 'not judged' | 'nothing',
): readonly string[] {
  const dry = texts.filter(({ file }) => piped.has(file) && manifests.documentsOf(file) === 0);
  const named = [
    ...emptyFolders,
    ...dry.map(
      ({ file }) => `${file}: nothing came; the command before it may have failed, or else give --allow-empty`,
    ),
  ];
  if (known === 'enough' || named.length > 0) return named;
  const { documents } = manifests;
  const why = known === 'nothing' ? `: ${noPolicyAmong(documents)}` : '';
  return [`nothing was judged${why}; where that is meant, --allow-empty takes it for clean`];
}

function noPolicyAmong(documents: number): string {
  if (documents === 0) return 'there is no document';
  return documents === 1 ? 'the one document is no policy' : `none of the ${documents} documents is a policy`;
}
