/** wrap breaks a text at its spaces into lines of at most `width` characters. A word that is longer has a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  return wrapWords(wordsOf(text), width);
}

/** wordsOf cuts a text at its spaces. */
export function wordsOf(text: string): readonly string[] {
  return text.split(' ').filter((part) => part !== '');
}

/** wrapWords joins words to lines of at most `width` characters; the first may have another width. */
export function wrapWords(words: readonly string[], width: number, first = width): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    const room = lines.length === 0 ? first : width;
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
