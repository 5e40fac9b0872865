/** What plugins and servers say may be pages. */
const LONGEST = 300;

/** shortened returns what someone else said as one line of at most 300 characters, an ellipsis for the rest. */
export function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
