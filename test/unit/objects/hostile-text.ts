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
