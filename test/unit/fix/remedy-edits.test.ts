import { expect, test } from 'vitest';
import { EGRESS_HEAD, fixFiles } from './fixed.ts';

const TO = `      to:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: kube-system
          podSelector:
            matchLabels:
              k8s-app: kube-dns
`;

const ADDED = `        - port: 53
          protocol: UDP
`;

test('a rule that names cluster DNS keeps its ports as they are, and gets the one that it has not', () => {
  const rule = `    - ports:
        # large answers
        - port: 53 # TCP is the default
`;
  const { texts, done } = fixFiles({ x: EGRESS_HEAD + rule });
  expect(texts.get('x')).toBe(EGRESS_HEAD + rule + ADDED + TO);
  expect(done.map(({ remedy }) => remedy?.text)).toEqual([
    'Replace spec.egress[0] with a rule for cluster DNS, with ports UDP 53 and TCP 53',
  ]);
});

test('each of equal rules keeps its ports as it spells them', () => {
  const [one, other] = [
    '    - ports:\n        - {port: 53}\n',
    '    - ports:\n        - {protocol: TCP, port: 53} # lookups\n',
  ];
  const { texts } = fixFiles({ x: EGRESS_HEAD + one + other });
  const added = '        - {port: 53, protocol: UDP}\n';
  expect(texts.get('x')).toBe(EGRESS_HEAD + one + added + TO + other + added + TO);
});
