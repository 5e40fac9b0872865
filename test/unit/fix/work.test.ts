import { beforeEach, expect, test, vi } from 'vitest';
import * as yaml from 'yaml';
import type { Texts } from '../../../src/fix/apply-remedies.ts';
import type { Fault } from '../../../src/fix/fault.ts';
import { fixTexts } from '../../../src/fix/fix-texts.ts';
import { Work } from '../../../src/fix/work.ts';
import { EGRESS_HEAD, fixFiles } from './fixed.ts';

vi.mock('yaml', async (original) => {
  const real = await original<typeof yaml>();
  return { ...real, parseAllDocuments: vi.fn(real.parseAllDocuments) };
});

const parse = vi.mocked(yaml.parseAllDocuments);

beforeEach(() => {
  parse.mockClear();
});

/** readingsOf says how often a file is parsed until it is fixed, which does not depend on the machine. */
function readingsOf(text: string, done: number) {
  parse.mockClear();
  const fixed = fixFiles({ x: text });
  expect(fixed.done).toHaveLength(done);
  const characters = parse.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
  return { ...fixed, readings: characters / text.length };
}

const PORTS = ['{port: 53, protocol: UDP}', '{port: 53, protocol: TCP}', '{port: 53}'];

/** Rules that say the same, each written in another way than the one before. */
function equalRules(count: number): string {
  const rules = Array.from({ length: count }, (_, i) => {
    const [first, second] = i % 2 === 0 ? [PORTS[0], PORTS[i % 3 === 0 ? 1 : 2]] : [PORTS[1], PORTS[0]];
    return `    - ports: [${first}, ${second}${', {port: 53}'.repeat(i % 5)}]\n`;
  });
  return EGRESS_HEAD + rules.join('');
}

test('all equal rules of a policy are fixed at once, however they are written', () => {
  const { readings, texts, left, done } = readingsOf(equalRules(600), 1);
  expect(readings).toBeLessThan(12);
  expect(left).toEqual([]);
  expect(done[0]?.remedy?.text).toBe('Name cluster DNS in spec.egress[0], and in 599 more places that say the same');
  expect(texts.get('x')?.match(/kubernetes.io\/metadata.name: kube-system/g)).toHaveLength(600);
  expect(fixFiles({ x: texts.get('x') ?? '' }).texts).toEqual(texts);
});

test('all equal items of a rule are fixed at once, and other rules are not touched', () => {
  const peer = `        - namespaceSelector: {matchLabels: {name: kube-system}} # by name
          podSelector: {matchLabels: {k8s-app: kube-dns}}
`;
  const ports = '      ports: [{port: 53, protocol: UDP}, {port: 53}]\n';
  const other = '    - to:\n        - podSelector: {}\n';
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: kube-system}\n---\n';
  const text = `${namespace}${EGRESS_HEAD}    - to:\n${peer.repeat(300)}${ports}${other}    - to:\n${peer}${ports}`;
  const { readings, texts } = readingsOf(text, 1);
  expect(readings).toBeLessThan(12);
  expect(texts.get('x')).toBe(text.replaceAll('Labels: {name: kube', 'Labels: {kubernetes.io/metadata.name: kube'));
});

test('a file that is not changed is read once, however often all are judged', () => {
  const other = `${EGRESS_HEAD.replace('web', 'api')}${'    - to: [{podSelector: {}}]\n'.repeat(50)}`;
  const { done } = fixFiles({ x: equalRules(2), y: other });
  expect(done).toHaveLength(1);
  expect(parse.mock.calls.filter(([source]) => source === other)).toHaveLength(1);
});

test('of equal rules in which a port is missing one gets it', () => {
  const rule = `    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {port: 53, protocol: UDP}
`;
  const { texts } = readingsOf(EGRESS_HEAD + rule.repeat(3), 1);
  expect(texts.get('x')).toBe(`${EGRESS_HEAD}${rule}        - {port: 53, protocol: TCP}\n${rule.repeat(2)}`);
});

test('remedies that cannot be made are refused without reading the file again for each', () => {
  const item = (i: number, egress: string) => `- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicy
  metadata: {name: p${i}, namespace: n${i}}
  spec: {podSelector: {}, policyTypes: [Egress], egress: ${egress}}
`;
  const first = item(0, '&e [{ports: [{port: 53, protocol: UDP}, {port: 53}]}]');
  const others = Array.from({ length: 120 }, (_, i) => item(i + 1, '*e'));
  const { readings, reasons } = readingsOf(`kind: List\napiVersion: v1\nitems:\n${first}${others.join('')}`, 0);
  expect(new Set(reasons.values())).toEqual(new Set(['spec.egress is also used elsewhere, by the anchor &e']));
  expect(readings).toBeLessThan(8);
});

/** A judge of lines that are a fault where they are odd, and whose remedy makes them even; `bad` ones bring another fault then. */
function judgeLines(bad: ReadonlySet<number>, asked: { count: number }) {
  return (texts: Texts): readonly Fault[] => {
    asked.count += 1;
    const lines = (texts.get('x') ?? '').trimEnd().split('\n');
    return lines
      .map((line, i): Fault => {
        const [name = '', value] = line.split(': ');
        const edits = [{ file: 'x', offset: 0, edit: { kind: 'set', path: name, value: 2 } }] as const;
        const fault = { isError: true, namespace: 'shop', object: name, path: '', message: line };
        if (value !== '2') return { ...fault, rule: 'odd', remedy: { text: 'Fix it', edits } };
        return { ...fault, rule: bad.has(i) ? 'bad' : '' };
      })
      .filter(({ rule }) => rule !== '');
  };
}

const LINES = Array.from({ length: 256 }, (_, i) => `l${i}: 1\n`).join('');

test('the few remedies of a namespace that bring a fault are found without trying each by itself', () => {
  const asked = { count: 0 };
  const fixed = fixTexts(new Map([['x', LINES]]), judgeLines(new Set([3, 100]), asked));
  expect(fixed.left.map(({ object }) => object)).toEqual(['l3', 'l100']);
  expect(fixed.done).toHaveLength(254);
  expect(asked.count).toBeLessThan(80);
});

test('where fixing takes more work than there is, nothing is changed, and all of it is left with the reason', () => {
  const texts = new Map([['x', LINES]]);
  const fixed = fixTexts(texts, judgeLines(new Set([3, 100]), { count: 0 }), new Work(-32_000));
  expect(fixed.texts).toBe(texts);
  expect(fixed.done).toEqual([]);
  expect(fixed.left).toHaveLength(256);
  expect(new Set(fixed.reasons.values())).toEqual(
    new Set(['fixing these files takes too much work; fix fewer of them at a time']),
  );
});
