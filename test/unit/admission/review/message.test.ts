import { expect, test } from 'vitest';
import {
  auditAnnotations,
  statusCauses,
  statusMessage,
  warningLines,
  warningsOf,
} from '../../../../src/admission/review/message.ts';
import { finding, verdict } from '../setup.ts';

test('a finding without YAML is two lines', () => {
  const one = finding('baseline', 'deny', { fix: { description: 'leave it' } });
  expect(statusMessage([one])).toBe(
    '\nspec.egress[0]: opens UDP 53 to any address; leave it\n[baseline] https://docs.example/rules/baseline.md',
  );
});

test('twenty findings are told, the others counted', () => {
  const many = Array.from({ length: 25 }, (_, i) => finding('dns-blocked', 'deny', { path: `spec.egress[${i}]` }));
  const message = statusMessage(many);
  expect(message).toContain('spec.egress[19]:');
  expect(message).not.toContain('spec.egress[20]:');
  expect(message.endsWith('\nand 5 more')).toBe(true);
});

test('a message is bounded, whatever is in the findings', () => {
  const long = finding('dns-blocked', 'deny', { message: 'x'.repeat(1_000_000) });
  expect(statusMessage([long, long, long]).length).toBeLessThan(12_100);
  expect(statusMessage([long, long, long])).toContain('\nand 2 more');
  expect(JSON.stringify(statusCauses(Array.from({ length: 5000 }, () => long))).length).toBeLessThan(150_000);
});

test('a warning is at most 120 characters, and keeps the rule', () => {
  const [warning] = warningsOf([finding('dns-depends-on-cni', 'warn', { message: 'm'.repeat(500) })]);
  expect(warning).toHaveLength(120);
  expect(warning).toMatch(/^spec\.egress\[0\]: m+\.\.\. \[dns-depends-on-cni\]$/);
});

test('a doubt is short beside what was found, its reason a line of its own, and told once', () => {
  const uncertain = 'ciliumnetworkpolicies.cilium.io can allow or forbid DNS too, and are not judged';
  const doubtful = ['dns-blocked', 'dns-over-tcp-blocked'].map((rule) =>
    finding(rule, 'warn', { message: 'm'.repeat(500), uncertain }),
  );
  const warnings = warningsOf(doubtful);
  expect(warnings).toHaveLength(3);
  expect(warnings[0]).toMatch(/^spec\.egress\[0\]: m+\.\.\. \(not certain\) \[dns-blocked\]$/);
  expect(warnings[0]).toHaveLength(120);
  expect(warnings[2]).toBe(`not certain: ${uncertain}`);
});

test('no value of an object moves the cursor, breaks a line or turns the text around', () => {
  const hostile = finding('dns-blocked', 'deny', {
    path: 'spec.podSelector.matchLabels[a\u001b[2Jb]',
    message: 'opens UDP 53 to 10.0.0.0/8\nError from server: \u202eall is well\u0007',
    fix: { description: 'write\r\nthis', yaml: 'to:\n  - podSelector: {a: "\u009b1m"}\n' },
  });
  const clean = [
    'spec.podSelector.matchLabels[a [2Jb]: opens UDP 53 to 10.0.0.0/8 Error from server:  all is well ; write this:',
    '  to:',
    '    - podSelector: {a: " 1m"}',
    '[dns-blocked] https://docs.example/rules/dns-blocked.md',
  ];
  expect(statusMessage([hostile])).toBe(['', ...clean].join('\n'));
  const text = JSON.stringify([statusCauses([hostile]), auditAnnotations(verdict(hostile)), warningsOf([hostile])]);
  expect(text).not.toMatch(/\\u|\\n|\\r|\u202e|\u009b/);
});

test('warnings hold no control characters, lone surrogates or line breaks, and no cut makes one', () => {
  expect(warningLines(['a\nb\r\n\u0000c\u2028d\ud800e\u007f'])).toEqual(['a b c d e ']);
  const [cut] = warningLines([`${'x'.repeat(116)}\u{1f600}${'y'.repeat(20)}`]);
  expect(cut).toBe(`${'x'.repeat(116)}...`);
});

test('warnings are few, and none comes twice', () => {
  const lines = Array.from({ length: 14 }, (_, i) => `line ${i}`);
  expect(warningLines(['a', 'a'])).toEqual(['a']);
  expect(warningLines(lines)).toEqual([...lines.slice(0, 9), 'and 5 more']);
});

test('audit annotations are small, and left out where there is nothing to say', () => {
  expect(auditAnnotations(verdict())).toEqual({});
  const many = verdict(...Array.from({ length: 500 }, () => finding('dns-blocked', 'audit')));
  const annotations = auditAnnotations({ ...many, exempted: ['dns-blocked (legacy\nshop)'] });
  expect(annotations['findings']).toHaveLength(1024);
  expect(annotations['exempted']).toBe('dns-blocked (legacy shop)');
});
