/** PageBlock is a fenced block of a page: commands for a shell, or, fenced as `text`, what one sees. */
export interface PageBlock {
  readonly heading: string;
  readonly isShown: boolean;
  readonly text: string;
}

/** pageBlocks lists them in order. Throws an Error where a fence says something else, or two headings are the same. */
export function pageBlocks(page: string): readonly PageBlock[] {
  const sections = page.split(/^#+ /m).map((section) => {
    const [heading = '', ...lines] = section.split('\n');
    return { heading, body: lines.join('\n') };
  });
  const headings = sections.map(({ heading }) => heading);
  if (new Set(headings).size < headings.length) throw new Error(`headings are not unique: ${headings.join(', ')}`);
  return sections.flatMap(({ heading, body }) =>
    [...body.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map(([, language, text = '']) => {
      if (language !== '' && language !== 'text') throw new Error(`${heading}: a block of ${language}`);
      return { heading, isShown: language === 'text', text };
    }),
  );
}
