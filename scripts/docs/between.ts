/**
 * between returns a page with a text in place of what is between the comments `<!-- NAME -->` and `<!-- end of NAME
 * -->`. Throws unless the page has exactly one of each, in this order.
 */
export function between(page: string, name: string, text: string): string {
  const [before, rest, ...moreOpen] = page.split(`<!-- ${name} -->\n`);
  const [, after, ...moreClosed] = (rest ?? '').split(`<!-- end of ${name} -->\n`);
  if (before === undefined || after === undefined || moreOpen.length + moreClosed.length > 0) {
    throw new Error(`the page needs the lines <!-- ${name} --> and <!-- end of ${name} -->, once`);
  }
  return `${before}<!-- ${name} -->\n${text}\n<!-- end of ${name} -->\n${after}`;
}
