import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { blockYaml } from '../../../src/objects/block-yaml.ts';

describe('blockYaml', () => {
  it('writes what a user of kubectl would', () => {
    const rule = {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [{ port: 53, protocol: 'UDP' }],
    };
    expect(blockYaml([rule])).toEqual([
      '- to:',
      '    - namespaceSelector:',
      '        matchLabels:',
      '          kubernetes.io/metadata.name: kube-system',
      '      podSelector:',
      '        matchLabels:',
      '          k8s-app: kube-dns',
      '  ports:',
      '    - port: 53',
      '      protocol: UDP',
    ]);
  });

  it('puts quotes around what YAML would read as something else', () => {
    const words = [
      '',
      'no',
      'Y',
      'null',
      '1e3',
      '0x10',
      '~',
      '- a',
      'a: b',
      'a #b',
      '10.0.0.0/8',
      '2001:db8::/32',
      'é\u2028',
    ];
    const lines = blockYaml({ words });
    for (const version of ['1.1', '1.2'] as const) expect(parse(lines.join('\n'), { version })).toEqual({ words });
  });

  it('is read as the value that was written, by YAML 1.1 and 1.2', () => {
    const key = fc.string().filter((name) => name !== '__proto__' && name !== '<<');
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (json) => {
        const text = blockYaml(json).join('\n');
        for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version })).toEqual(json);
      }),
    );
  });
});
