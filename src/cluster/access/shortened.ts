/** Messages of plugins and servers may fill pages. */
const LONGEST = 300;

/** shortened returns a foreign message as one line of at most 300 characters, with an ellipsis for the rest. */
export function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
