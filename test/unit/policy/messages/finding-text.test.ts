import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNSEEN } from '../../../../src/objects/plain-text.ts';
import { findingText, fixLines, lastLine, messageOf, WIDTH } from '../../../../src/policy/messages/finding-text.ts';
import type { Finding } from '../../../../src/policy/model/finding.ts';
import { advice, type Edit, fixOf } from '../../../../src/policy/model/fix.ts';
import { obeyed } from '../../cli/runner.ts';
import { hostileText } from '../../objects/hostile-text.ts';
import { TO_DNS } from '../fixtures.ts';

const FINDING: Finding = {
  rule: 'dns-blocked',
  level: 'standard',
  effect: 'deny',
  path: 'spec.egress',
  headline: 'cuts pods app=web off from DNS',
  why: 'No policy in shop lets them reach kube-system/kube-dns on UDP and TCP 53.',
  short: 'web cuts pods app=web off from DNS',
  fix: fixOf('Add this rule to spec.egress of web', { kind: 'add', path: 'spec.egress', items: [{ to: TO_DNS }] }),
  blamed: true,
  isDeletion: false,
  docs: 'https://docs.example/rules/dns-blocked.md',
  object: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace: 'shop', name: 'web' },
};

const textOf = (more: Partial<Finding>) => findingText({ ...FINDING, ...more });
const named = (name: string | undefined, namespace = 'shop') => ({ ...FINDING.object, namespace, name });
function linesOf(finding: Finding): readonly string[] {
  const { headline, why, steps } = findingText(finding);
  return [...headline, ...why, ...fixLines(steps)];
}

describe('a finding', () => {
  it('is a headline, why it is so, and what to do', () => {
    expect(linesOf(FINDING).join('\n')).toBe(`NetworkPolicy shop/web cuts pods app=web off from DNS [dns-blocked]
  No policy in shop lets them reach kube-system/kube-dns on UDP and TCP 53.
  Add this rule to spec.egress of web:
    - to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns`);
  });

  it('of a deletion says what deleting the object does', () => {
    expect(textOf({ isDeletion: true, object: named('a') }).headline).toEqual([
      'Deleting NetworkPolicy shop/a cuts pods app=web off from DNS [dns-blocked]',
    ]);
    expect(textOf({ isDeletion: true, object: named('allow-dns') }).headline).toEqual([
      'Deleting NetworkPolicy shop/allow-dns',
      '  cuts pods app=web off from DNS [dns-blocked]',
    ]);
  });

  it('of an object that has no name yet says so', () => {
    expect(textOf({ object: named(undefined) }).headline).toEqual([
      'NetworkPolicy shop/(no name yet) cuts pods app=web off from DNS [dns-blocked]',
    ]);
  });
});

describe('the headline', () => {
  const rest = ' cuts pods app=web off from DNS [dns-blocked]';
  const room = WIDTH - 'NetworkPolicy shop/'.length - rest.length;

  it('is one line for as long as it fits, and two from there', () => {
    const name = 'x'.repeat(room);
    expect(textOf({ object: named(name) }).headline).toEqual([`NetworkPolicy shop/${name}${rest}`]);
    expect(textOf({ object: named(name) }).headline[0]).toHaveLength(79);
    expect(textOf({ object: named(`${name}y`) }).headline).toEqual([`NetworkPolicy shop/${name}y`, ` ${rest}`]);
  });

  it('cuts a long name in its middle, where names that a program made are alike', () => {
    const name = `web-${'x'.repeat(245)}-7f9`;
    const [first = '', ...others] = textOf({ object: named(name, 'n'.repeat(63)) }).headline;
    expect(first).toMatch(/^NetworkPolicy nnnn.*\.\.\..*xxx-7f9$/);
    expect(first).toHaveLength(WIDTH);
    expect(others).toEqual([` ${rest}`]);
  });
});

describe('a doubt', () => {
  const uncertain = 'it depends on labels that netpol-guard cannot see here';

  it('is said once, behind the reason, in the text and in the line for machines', () => {
    const doubtful = { ...FINDING, uncertain };
    expect(findingText(doubtful).why).toEqual([
      '  No policy in shop lets them reach kube-system/kube-dns on UDP and TCP 53.',
      '  Not certain: it depends on labels that netpol-guard cannot see here.',
    ]);
    expect(
      linesOf(doubtful)
        .join('\n')
        .match(/not certain/gi),
    ).toHaveLength(1);
    expect(messageOf(doubtful)).toBe(
      'NetworkPolicy shop/web cuts pods app=web off from DNS. No policy in shop lets them reach kube-system/kube-dns on ' +
        'UDP and TCP 53. Not certain: it depends on labels that netpol-guard cannot see here.',
    );
  });

  it('is not where there is none', () => {
    expect(linesOf(FINDING).join('\n') + messageOf(FINDING)).not.toMatch(/certain/i);
  });
});

describe('what to do', () => {
  const fixed = (...edits: readonly Edit[]) => fixLines(textOf({ fix: fixOf('Do this', ...edits) }).steps);

  it('ends in a full stop where there is nothing to paste', () => {
    expect(fixLines(textOf({ fix: advice('Try again') }).steps)).toEqual(['  Try again.']);
    expect(fixed({ kind: 'remove', path: 'spec.egress[1]' })).toEqual(['  Do this.']);
  });

  it('is followed by YAML in the column where it belongs in a policy', () => {
    expect(fixed({ kind: 'add', path: 'spec.egress', items: [{}] })).toEqual(['  Do this:', '    - {}']);
    expect(fixed({ kind: 'set', path: 'spec.egress[0].to', value: [{}] })).toEqual([
      '  Do this:',
      '      to:',
      '        - {}',
    ]);
    expect(fixed({ kind: 'set', path: 'spec.egress[0].to[1]', value: {} })).toEqual(['  Do this:', '        - {}']);
    expect(fixed({ kind: 'apply', object: { kind: 'NetworkPolicy' } })).toEqual(['  Do this:', 'kind: NetworkPolicy']);
  });

  it('does not break YAML, however long its lines are', () => {
    const value = 'a b '.repeat(40);
    expect(fixed({ kind: 'set', path: 'metadata.note', value })).toEqual(['  Do this:', `  note: "${value}"`]);
  });

  it('is all of its steps, in their order', () => {
    const steps = ['First', 'Second', 'Third'].map((text) => ({ text, edits: [] }));
    const fix = { steps: steps as unknown as Finding['fix']['steps'] };
    expect(fixLines(textOf({ fix }).steps)).toEqual(['  First.', '  Second.', '  Third.']);
  });

  it('shows no step twice in one message, so that nobody pastes it twice', () => {
    const [paste, other] = [
      { text: 'Add this rule', yaml: ['    - {}'] },
      { text: 'Add this rule', yaml: ['    - to: []'] },
    ];
    const leave = { text: 'Leave the ports out', yaml: [] };
    const said = new Set<string>();
    expect(fixLines([leave, paste], said)).toEqual(['  Leave the ports out.', '  Add this rule:', '    - {}']);
    expect(fixLines([other, paste], said)).toEqual(['  Add this rule:', '    - to: []', '  Add this rule, as above.']);
    expect(fixLines([leave, paste], said)).toEqual(['  The same fix as above.']);
    expect(fixLines([paste])).toEqual(['  Add this rule:', '    - {}']);
  });
});

describe('the last line', () => {
  it('leads to more, and to whom to ask where there is somebody', () => {
    expect(lastLine('https://docs.example/a.md', '')).toBe('  More: https://docs.example/a.md');
    expect(lastLine('https://docs.example/a.md', '#platform-help')).toBe(
      '  More: https://docs.example/a.md   Questions: #platform-help',
    );
  });

  it('is one line, whatever the contact is', () => {
    expect(lastLine('https://docs.example/a.md', 'a\n##[error]b\u202e').match(UNSEEN)).toBeNull();
  });
});

/** A finding whose every text is one of these. */
const finding = (text: fc.Arbitrary<string>) =>
  fc
    .record({
      headline: text,
      why: text,
      uncertain: fc.option(text, { nil: undefined }),
      step: text,
      value: text,
      namespace: text,
      name: fc.option(text, { nil: undefined }),
      isDeletion: fc.boolean(),
    })
    .map(({ step, value, namespace, name, ...more }): Finding => {
      const fix = fixOf(step, { kind: 'set', path: 'spec.egress[0].to', value: { [value]: [value] } });
      return { ...FINDING, ...more, fix, object: named(name, namespace) };
    });

/** Words as engines write them: none that a line cannot hold. */
const prose = fc
  .array(fc.string({ unit: fc.constantFrom(...'abc=/.-'), minLength: 1, maxLength: WIDTH - 2 }), { maxLength: 30 })
  .map((words) => words.join(' '));

describe('whatever a finding says', () => {
  it('no line but YAML is wider than a terminal, and no word is lost', () => {
    fc.assert(
      fc.property(finding(prose), (one) => {
        const { headline, why, steps } = findingText(one);
        const fix = fixLines(steps);
        const step = fix.slice(
          0,
          fix.findIndex((line) => line === '      to:'),
        );
        for (const line of [...headline, ...why, ...step]) expect(line.length).toBeLessThanOrEqual(WIDTH);
        const wordsOf = (...texts: readonly string[]) =>
          texts
            .join(' ')
            .split(' ')
            .filter((word) => word !== '');
        const doubt = one.uncertain === undefined ? '' : `Not certain: ${one.uncertain}.`;
        expect(wordsOf(...why)).toEqual(wordsOf(one.why, doubt));
        expect(wordsOf(...step)).toEqual(wordsOf(`${one.fix.steps[0].text}:`));
        expect(headline.join(' ')).toContain(`[${one.rule}]`);
      }),
    );
  });

  it('no line moves the cursor, turns the text around, or is a command', () => {
    fc.assert(
      fc.property(finding(hostileText(30)), (one) => {
        for (const line of [...linesOf(one), messageOf(one)]) {
          expect(line.match(UNSEEN)).toBeNull();
          expect(obeyed(line)).toEqual([]);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
