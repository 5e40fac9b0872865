import { expect, test } from 'vitest';
import { auditAnnotations, statusCauses, statusMessage, warningLines, warningOf } from '../../src/admission/message.ts';
import { finding, verdict } from './setup.ts';

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
  const warning = warningOf(finding('dns-depends-on-cni', 'warn', { message: 'm'.repeat(500) }));
  expect(warning).toHaveLength(120);
  expect(warning).toMatch(/^spec\.egress\[0\]: m+\.\.\. \[dns-depends-on-cni\]$/);
});

test('a doubt comes first, so that no cut takes it away', () => {
  const warning = warningOf(finding('dns-blocked', 'warn', { message: 'm'.repeat(500), uncertain: 'Calico is there' }));
  expect(warning).toMatch(/^not certain \(Calico is there\): spec\.egress\[0\]: m+\.\.\. \[dns-blocked\]$/);
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
