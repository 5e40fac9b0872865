import { expect, test } from 'vitest';
import {
  auditAnnotations,
  statusCauses,
  statusMessage,
  warningLines,
  warningsOf,
} from '../../../../src/admission/review/message.ts';
import type { Finding } from '../../../../src/policy/model/finding.ts';
import { advice, fixOf } from '../../../../src/policy/model/fix.ts';
import { finding, verdict } from '../setup.ts';

test('a finding names its object, says why, and what to do', () => {
  const one = finding('baseline', 'deny', { fix: advice('Leave it') });
  expect(statusMessage([one], '')).toBe(`
NetworkPolicy shop/web opens port 53 to anywhere [baseline]
  spec.egress[0] opens UDP 53 to any address.
  Leave it.
  More: https://docs.example/rules/baseline.md`);
});

test('the contact of the operator is the last word', () => {
  expect(
    statusMessage([finding('baseline', 'deny')], '#platform-help')
      .split('\n')
      .at(-1),
  ).toBe('  More: https://docs.example/rules/baseline.md   Questions: #platform-help');
});

test('a fix that two findings share is shown once, and another one again', () => {
  const [one, other] = [finding('a', 'deny'), finding('c', 'deny', { fix: advice('Leave it') })];
  const message = statusMessage([one, finding('b', 'deny'), other], '');
  expect(message.match(/Name cluster DNS in spec\.egress\[0\]:/g)).toHaveLength(1);
  expect(message).toMatch(/anywhere \[b\]\n.+\n {2}The same fix as above\.\n {2}More: .*\/b\.md\n\n/);
  expect(message).toContain('  Leave it.\n');
  expect(message.match(/^NetworkPolicy shop\/web /gm)).toHaveLength(3);
});

test('twenty findings are told, the others counted', () => {
  const many = Array.from({ length: 25 }, (_, i) => finding('dns-blocked', 'deny', { why: `It is number ${i}.` }));
  const message = statusMessage(many, '');
  expect(message).toContain('It is number 19.');
  expect(message).not.toContain('It is number 20.');
  expect(message.endsWith('\n\nand 5 more')).toBe(true);
});

test('a message is bounded, whatever is in the findings', () => {
  const long = 'x'.repeat(1_000_000);
  const many = 'y '.repeat(500_000);
  for (const more of [{ headline: long }, { why: long }, { why: many }, { fix: advice(long) }, { uncertain: many }]) {
    const findings = [1, 2, 3].map(() => finding('dns-blocked', 'deny', more));
    expect(statusMessage(findings, '').length).toBeLessThan(12_100);
    expect(statusMessage(findings, '')).toContain('\nand 2 more');
    expect(
      JSON.stringify(statusCauses(Array.from({ length: 5000 }, () => findings[0] as Finding))).length,
    ).toBeLessThan(150_000);
  }
});

test('a warning is one short sentence with its rule', () => {
  expect(warningsOf([finding('dns-depends-on-cni', 'warn')])).toEqual([
    'spec.egress[0] opens UDP 53 to any address [dns-depends-on-cni]',
  ]);
});

test('a warning is at most 250 characters, and keeps the rule', () => {
  const [warning] = warningsOf([finding('dns-depends-on-cni', 'warn', { short: 'm'.repeat(500) })]);
  expect(warning).toHaveLength(250);
  expect(warning).toMatch(/^m+\.\.\. \[dns-depends-on-cni\]$/);
});

test('a doubt is short beside what was found, its reason a line of its own, and told once', () => {
  const uncertain = 'ciliumnetworkpolicies.cilium.io can allow or forbid DNS too, and are not judged';
  const doubtful = ['dns-blocked', 'dns-over-tcp-blocked'].map((rule) =>
    finding(rule, 'warn', { short: 'm'.repeat(500), uncertain }),
  );
  const warnings = warningsOf(doubtful);
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toMatch(/^m+\.\.\. \(not certain\) \[dns-blocked\]$/);
  expect(warnings[0]).toHaveLength(250);
  expect(warnings[2]).toBe(`not certain: ${uncertain}`);
});

test('no value of an object moves the cursor, breaks a line or turns the text around', () => {
  const hostile = finding('dns-blocked', 'deny', {
    path: 'spec.podSelector.matchLabels[a\u001b[2Jb]',
    headline: 'opens\u2028port 53',
    why: 'It opens UDP 53 to 10.0.0.0/8\nError from server: \u202eall is well\u0007.',
    short: 'opens UDP 53 to 10.0.0.0/8\nError from server: \u202eall is well\u0007',
    fix: fixOf('Write\r\nthis', {
      kind: 'set',
      path: 'spec.egress[0].to',
      value: [{ podSelector: { a: '\u009b1m' } }],
    }),
    object: { ...finding('', 'deny').object, name: 'a\u001b[31mb' },
  });
  const clean = [
    'NetworkPolicy shop/a [31mb opens port 53 [dns-blocked]',
    '  It opens UDP 53 to 10.0.0.0/8 Error from server: all is well .',
    '  Write this:',
    '      to:',
    '        - podSelector:',
    '            a: " 1m"',
    '  More: https://docs.example/rules/dns-blocked.md   Questions: # help',
  ];
  expect(statusMessage([hostile], '#\nhelp')).toBe(['', ...clean].join('\n'));
  const text = JSON.stringify([statusCauses([hostile]), auditAnnotations(verdict(hostile)), warningsOf([hostile])]);
  expect(text).not.toMatch(/\\u|\\n|\\r|\u202e|\u009b/);
});

test('warnings hold no control characters, lone surrogates or line breaks, and no cut makes one', () => {
  expect(warningLines(['a\nb\r\n\u0000c\u2028d\ud800e\u007f'])).toEqual(['a b c d e ']);
  const [cut] = warningLines([`${'x'.repeat(246)}\u{1f600}${'y'.repeat(20)}`]);
  expect(cut).toBe(`${'x'.repeat(246)}...`);
});

test('warnings are few, and none comes twice', () => {
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`);
  expect(warningLines(['a', 'a'])).toEqual(['a']);
  expect(warningLines(lines.slice(0, 16))).toEqual(lines.slice(0, 16));
  expect(warningLines(lines)).toEqual([...lines.slice(0, 15), 'and 5 more']);
});

test('warnings are so few and short that an API server cuts none of them', () => {
  const lines = warningLines(Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(500)}`));
  expect(lines.join('').length).toBeLessThanOrEqual(4096);
});

test('audit annotations are small, and left out where there is nothing to say', () => {
  expect(auditAnnotations(verdict())).toEqual({});
  const many = verdict(...Array.from({ length: 500 }, () => finding('dns-blocked', 'audit')));
  const annotations = auditAnnotations({ ...many, exempted: ['dns-blocked (legacy\nshop)'] });
  expect(annotations['findings']).toHaveLength(1024);
  expect(annotations['exempted']).toBe('dns-blocked (legacy shop)');
});
