import fc from 'fast-check';

const WORDS = [
  '::stop-commands::x',
  '::error file=a,line=1::b',
  '##[add-matcher]a.json',
  '##vso[task.setvariable variable=a]b',
  '##teamcity[message]',
  ...'\r \n \u0000 \u0085 \u2028 \u2029 \u00ad \u200b \u200d \ufeff \u202e \u2066 \ufe0f \u{e0041} \u0301 \u0591 \u0640 \u001b[2J'.split(
    ' ',
  ),
  ...[
    ' ',
    '\t',
    '\u00a0',
    '\u3000',
    ':',
    '#',
    '[',
    ']',
    '%0A',
    '%',
    ',',
    '"',
    "'",
    '{',
    '- ',
    '---',
    'a',
    'é',
    '\ud83d\ude00',
    '\ufffd',
  ],
];

/** hostileText are texts made of what terminals and the runners of pipelines obey, and of what may hide it. */
export function hostileText(maxLength = 8): fc.Arbitrary<string> {
  return fc.array(fc.constantFrom(...WORDS), { maxLength }).map((words) => words.join(''));
}

/** HOSTILE_TEXTS has each kind of text that a stranger may send, by what it does; none is so long that a message cuts it. */
export const HOSTILE_TEXTS: readonly (readonly [does: string, text: string])[] = [
  ['clears a screen and takes colours', 'a\u001b[2J\u009b31mb\u0007\b'],
  ['ends in a NUL', 'a\u0000'],
  ['deletes, and controls by C1', 'a\u007fb\u0080c\u0085d\u009fe'],
  ['turns the direction of a text', 'a\u202ab\u202bc\u202dd\u202ee\u202c'],
  ['isolates a direction', 'a\u2066b\u2067c\u2068d\u2069'],
  ['marks a direction', 'a\u200eb\u200fc\u061cd'],
  ['is not seen', 'a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg'],
  ['varies what is before it', 'a\ufe0fb\u{e0100}c\u3164d'],
  ['hides a text in tags', 'a\u{e0041}\u{e0062}\u{e007f}'],
  ['separates lines and paragraphs', 'a\u2028b\u2029c'],
  ['is half a pair', 'a\ud800b\udc00c'],
  ['begins a line with a command', 'a\r\n::error file=x::b'],
  ['begins with a command', '::add-mask::a'],
  ['hides the beginning of a command', '\u200b:\ufeff:error::a'],
  ['is a command within a line', 'a ##[error]b'],
  ['is a command of Azure', 'a ##vso[task.complete]b'],
  ['is a command of TeamCity', "##teamcity[message text='a']"],
  ['is half a command', 'a ##'],
  ['is HTML', '<img src=x onerror=alert(1)>'],
  ['is Markdown', '[a](javascript:b) `c` | d'],
  ['is YAML', 'a: {b: &c "d", e: !!f *c} # g'],
  ['is the name of a prototype', '__proto__'],
  ['is the name of what every object has', 'constructor'],
];
