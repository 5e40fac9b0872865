import { expect, test } from 'vitest';
import { editText, type ObjectEdit } from '../../../../src/manifests/edit/edit-text.ts';
import { readManifests } from '../../../../src/manifests/text/manifests.ts';
import { SourceText } from '../../../../src/manifests/text/source-text.ts';
import type { Edit } from '../../../../src/policy/model/fix.ts';

const DNS = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } };
const TCP = { port: 53, protocol: 'TCP' };

/** policy is a manifest with a spec as it is given, further in by two. */
function policy(spec: string, name = 'web'): string {
  const lines = spec
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `  ${line}`));
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}}\nspec:\n${lines.join('\n')}\n`;
}

/** edited makes edits of the objects of a file, of its first one where they do not say. */
function edited(text: string, ...edits: readonly (Edit & { readonly of?: number })[]): string {
  const { objects } = readManifests([new SourceText('a.yaml', text)]);
  const placed = edits.map(({ of = 0, ...edit }): ObjectEdit => {
    return { offset: objects[of]?.locate('').offset ?? -1, edit };
  });
  const result = editText(text, placed);
  return 'text' in result ? result.text : `${result.path} ${result.reason}`;
}

function specOf(spec: string, ...edits: readonly Edit[]): string {
  const text = edited(policy(spec), ...edits);
  const lines = text.split('\n').slice(4, -1);
  return `${lines.map((line) => line.slice(2)).join('\n')}\n`;
}

test('a missing list comes after the other fields, as far in as lists are elsewhere', () => {
  const edit = { kind: 'add', path: 'spec.egress[0].to', items: [DNS] } as const;
  expect(specOf('egress:\n- ports: # DNS\n  - port: 53 # any\n- {}\n', edit)).toBe(`egress:
- ports: # DNS
  - port: 53 # any
  to:
  - namespaceSelector:
      matchLabels:
        kubernetes.io/metadata.name: kube-system
- {}
`);
  expect(specOf('egress:\n    - ports:\n        - port: 53\n', edit)).toContain(
    '\n      to:\n          - namespaceSelector:',
  );
});

test('an item comes behind the last one and its comments, in the style of its neighbours', () => {
  const edit = { kind: 'add', path: 'spec.egress[0].ports', items: [TCP] } as const;
  expect(specOf('egress:\n  - ports:\n      - port: 53\n        # protocol: TCP\n      # the end\n', edit)).toBe(
    'egress:\n  - ports:\n      - port: 53\n        # protocol: TCP\n      - port: 53\n        protocol: TCP\n      # the end\n',
  );
  expect(specOf('egress: [{ports: [{port: 53, protocol: UDP}]}] # all\n', edit)).toBe(
    'egress: [{ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}] # all\n',
  );
  expect(specOf('egress:\n- ports:\n  - { port: 53, protocol: UDP }\n', edit)).toBe(
    'egress:\n- ports:\n  - { port: 53, protocol: UDP }\n  - { port: 53, protocol: TCP }\n',
  );
  expect(specOf('egress:\n- ports: [\n    {port: 53}, # DNS\n  ]\n', edit)).toBe(
    'egress:\n- ports: [\n    {port: 53}, # DNS\n    {port: 53, protocol: TCP},\n  ]\n',
  );
});

test('empty lists and nothing at all become lists in block style', () => {
  const edit = { kind: 'add', path: 'spec.egress', items: [{ ports: [TCP] }] } as const;
  for (const empty of ['egress: [] # none', 'egress: # none', 'egress: null # none', 'egress: &e [] # none']) {
    expect(specOf(`${empty}\npodSelector: {}\n`, edit).replace(/ +#/, ' #')).toBe(
      'egress: # none\n  - ports:\n      - port: 53\n        protocol: TCP\npodSelector: {}\n',
    );
  }
  expect(specOf('podSelector: {}\n', edit)).toBe(
    'podSelector: {}\negress:\n  - ports:\n      - port: 53\n        protocol: TCP\n',
  );
  expect(specOf('egress: [{}]\n', { kind: 'set', path: 'spec.egress[0]', value: { to: [DNS] } })).toBe(
    'egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]}]\n',
  );
});

test('a scalar keeps its quotes, its distance and its comment', () => {
  const spec = `egress:\n- ports:\n  - port:   53   # DNS\n    protocol: "UDP"\n`;
  const port = { kind: 'set', path: 'spec.egress[0].ports[0].port', value: 5353 } as const;
  const protocol = { kind: 'set', path: 'spec.egress[0].ports[0].protocol', value: 'TCP' } as const;
  expect(specOf(spec, port, protocol)).toBe(`egress:\n- ports:\n  - port:   5353   # DNS\n    protocol: "TCP"\n`);
});

test('of a corrected item only what differs is written', () => {
  const spec = `egress:
  - to:
      # the servers
      - namespaceSelector: {matchLabels: {name: kube-system}} # by its name
        podSelector: # and these
          matchLabels: {k8s-app: kube-dns}
`;
  const value = { ...DNS, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } };
  expect(specOf(spec, { kind: 'set', path: 'spec.egress[0].to[0]', value })).toBe(
    spec.replace('{name: kube-system}', '{kubernetes.io/metadata.name: kube-system}'),
  );
});

test('two peers become one, and the comments around them stay', () => {
  const spec = `egress:
  - to:
      - namespaceSelector: {}
      # or so I thought
      - podSelector: # DNS
          matchLabels:
            k8s-app: kube-dns
    # only DNS
    ports:
      - port: 53
`;
  expect(
    specOf(
      spec,
      { kind: 'set', path: 'spec.egress[0].to[0].podSelector', value: { matchLabels: { 'k8s-app': 'kube-dns' } } },
      { kind: 'remove', path: 'spec.egress[0].to[1]' },
    ),
  ).toBe(`egress:
  - to:
      - namespaceSelector: {}
        podSelector: # DNS
          matchLabels:
            k8s-app: kube-dns
      # or so I thought
    # only DNS
    ports:
      - port: 53
`);
});

const POD_SELECTOR = { matchLabels: { 'k8s-app': 'kube-dns' } };

/** joined moves the pods of one peer to another one. */
function joined(spec: string, to = 0, from = 1): string {
  return edited(
    policy(spec),
    { kind: 'set', path: `spec.egress[0].to[${to}].podSelector`, value: POD_SELECTOR },
    { kind: 'remove', path: `spec.egress[0].to[${from}]` },
  );
}

test('a field that moves to another item is written as it was, with its comments and its quotes', () => {
  const spec = `egress:
  - to:
      - namespaceSelector: {} # any
      - "podSelector":  # DNS
          # by its label
          matchLabels:
  # out here
            k8s-app: 'kube-dns'   # as kubeadm has it  
      # the end
`;
  expect(joined(spec)).toBe(policy(spec.replace('      - "podSelector"', '        "podSelector"')));
  const further = `egress:
- to:
  - podSelector: # DNS
      # by its label
      matchLabels: {"k8s-app": kube-dns} # as kubeadm has it
  -    namespaceSelector: {}
`;
  expect(joined(further, 1, 0)).toBe(
    policy(`egress:
- to:
  -    namespaceSelector: {}
       podSelector: # DNS
         # by its label
         matchLabels: {"k8s-app": kube-dns} # as kubeadm has it
`),
  );
  expect(
    joined(
      'egress:\n- to:\n  - namespaceSelector: {}\n  - {podSelector: {matchLabels: {k8s-app: "kube-dns"}}} # DNS\n',
    ),
  ).toBe(
    policy('egress:\n- to:\n  - namespaceSelector: {}\n    podSelector: {matchLabels: {k8s-app: "kube-dns"}} # DNS\n'),
  );
  expect(
    joined(`egress: [{to: [{namespaceSelector: {}}, {'podSelector': {matchLabels: {k8s-app: "kube-dns"}}}]}]\n`),
  ).toBe(policy(`egress: [{to: [{namespaceSelector: {}, 'podSelector': {matchLabels: {k8s-app: "kube-dns"}}}]}]\n`));
});

test('a field that only gets another key keeps its place, its comment and its quotes', () => {
  const spec = `egress:
  - to:
      - namespaceSelector:
          # by its name
          matchLabels:
            "name": 'kube-system' # which it is
`;
  const value = { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } };
  const path = 'spec.egress[0].to[0].namespaceSelector';
  expect(specOf(spec, { kind: 'set', path, value })).toBe(spec.replace('"name"', '"kubernetes.io/metadata.name"'));
});

test('an edit that would delete a comment is refused, in block style as in flow style', () => {
  const lost = (what: string) => `${what} has comments that would be lost`;
  const ports = 'egress:\n  - to: []\n    ports: # DNS\n      - port: 53 # here\n      - port: 5353\n';
  expect(edited(policy(ports), { kind: 'remove', path: 'spec.egress[0].ports' })).toBe(lost('spec.egress[0]'));
  expect(edited(policy(ports), { kind: 'remove', path: 'spec.egress[0].ports[0]' })).toBe(lost('spec.egress[0].ports'));
  expect(edited(policy(ports), { kind: 'set', path: 'spec.egress[0].ports', value: 'x' })).toBe(
    lost('spec.egress[0].ports'),
  );
  expect(specOf(ports, { kind: 'remove', path: 'spec.egress[0].ports[1]' })).toBe(
    ports.replace('      - port: 5353\n', ''),
  );
  const other =
    'egress:\n- to:\n  - namespaceSelector: {}\n  - # DNS\n    podSelector: {matchLabels: {k8s-app: kube-dns}}\n';
  expect(joined(other)).toBe(lost('spec.egress[0].to'));
  expect(
    joined('egress: [{to: [{namespaceSelector: {}}, {podSelector: # DNS\n    {matchLabels: {k8s-app: kube-dns}}}]}]\n'),
  ).toBe(lost('spec.egress[0].to'));
});

test('what looks like a comment within a text is none', () => {
  const spec = 'egress:\n  - note: |\n      # a\n  - note: "# b"\n  - note: it\'s#c\n';
  expect(specOf(spec, { kind: 'remove', path: 'spec.egress[0]' }, { kind: 'remove', path: 'spec.egress[1]' })).toBe(
    "egress:\n  - note: it's#c\n",
  );
});

test('what is on the line of a dash goes, and the next takes its place', () => {
  const remove = { kind: 'remove', path: 'spec.egress[0].to' } as const;
  expect(specOf('egress:\n  - to: []\n    ports: []\n', remove)).toBe('egress:\n  - ports: []\n');
  expect(specOf('egress:\n  - to: []\n    # all\n    ports: []\n', remove)).toBe(
    'egress:\n  -\n    # all\n    ports: []\n',
  );
  expect(specOf('egress:\n  - to: []\n', remove)).toBe('egress:\n  - {}\n');
  expect(specOf('egress: [{to: [], ports: []}]\n', remove)).toBe('egress: [{ports: []}]\n');
});

test('line breaks of other systems, markers, other documents and a missing last line break stay', () => {
  const other = 'kind: ConfigMap\r\ndata: {a: |-\r\n  b}\r\n';
  const text = `# Source: a/b.yaml\r\n---\r\n${other}---  # c\r\n${policy('egress: []').replaceAll('\n', '\r\n')}...\r\n---\r\nb:   1`;
  const edit = { kind: 'add', path: 'spec.egress', items: [{ ports: [TCP] }] } as const;
  expect(edited(text, edit)).toBe(
    text.replace('egress: []', 'egress:\r\n    - ports:\r\n        - port: 53\r\n          protocol: TCP'),
  );
  const last = policy('egress: []').trimEnd();
  expect(edited(last, edit)).toBe(`${last.slice(0, -3)}\n    - ports:\n        - port: 53\n          protocol: TCP`);
});

test('JSON stays JSON, laid out as it was', () => {
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'web' },
    spec: { podSelector: {}, egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }] },
  };
  const edit = [
    { kind: 'add', path: 'spec.egress[0].ports', items: [TCP] },
    { kind: 'add', path: 'spec.egress[0].to', items: [DNS] },
    { kind: 'set', path: 'spec.podSelector', value: { matchLabels: { app: 'web' } } },
  ] as const;
  const fixed = {
    ...object,
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      egress: [{ ports: [{ port: 53, protocol: 'UDP' }, TCP], to: [DNS] }],
    },
  };
  for (const unit of ['  ', '\t', '    ']) {
    expect(edited(JSON.stringify(object, undefined, unit), ...edit)).toBe(JSON.stringify(fixed, undefined, unit));
  }
  expect(JSON.parse(edited(JSON.stringify(object), ...edit))).toEqual(fixed);
  const apply = { kind: 'apply', object: { kind: 'NetworkPolicy' } } as const;
  expect(edited(JSON.stringify(object), apply)).toBe(
    ' is in a JSON file, to which no policy can be added; apply that one by itself',
  );
});

test('objects of a list, and several in one document, are edited where they are', () => {
  const items = ['a', 'b'].map((name) =>
    policy('egress:\n- ports: []\n- {}', name)
      .trimEnd()
      .split('\n')
      .map((line, i) => `${i === 0 ? '- ' : '  '}${line}`),
  );
  const text = `kind: List\napiVersion: v1\nitems:\n${items.flat().join('\n')}\n`;
  const add = { kind: 'add', path: 'spec.egress[0].ports', items: [{ port: 53 }] } as const;
  expect(edited(text, { ...add, of: 0 }, { kind: 'remove', path: 'spec.egress[1]', of: 1 })).toBe(
    text.replace('    - ports: []', '    - ports:\n      - port: 53').replace(/ {4}- \{\}\n$/, ''),
  );
});

test('a policy is applied as a document behind the one that it belongs to', () => {
  const text = `${policy('egress: []')}\n---\n# next\na: b`;
  const apply = { kind: 'apply', object: { kind: 'NetworkPolicy', spec: { egress: [] } } } as const;
  expect(edited(text, apply)).toBe(
    `${policy('egress: []')}\n---\nkind: NetworkPolicy\nspec:\n  egress: []\n---\n# next\na: b`,
  );
  expect(edited(policy('egress: []').trimEnd(), apply)).toBe(
    `${policy('egress: []')}---\nkind: NetworkPolicy\nspec:\n  egress: []`,
  );
});

test('what an alias repeats is not edited, since all would change', () => {
  const shared = `egress:
  - ports: &dns
      - port: 53
  - ports: *dns
  - to: &none []
`;
  const add = (rule: number): Edit => ({ kind: 'add', path: `spec.egress[${rule}].ports`, items: [TCP] });
  expect(specOf.bind(undefined, shared)).not.toThrow();
  expect(edited(policy(shared), add(0))).toBe('spec.egress[0].ports is also used elsewhere, by the anchor &dns');
  expect(edited(policy(shared), add(1))).toBe('spec.egress[1].ports is also used elsewhere, by the anchor &dns');
  expect(edited(policy(shared), { kind: 'remove', path: 'spec.egress[0]' })).toBe(
    'spec.egress is also used elsewhere, by the anchor &dns',
  );
  const value = [{ port: 53 }, TCP];
  expect(specOf(shared, { kind: 'set', path: 'spec.egress[1].ports', value })).toBe(
    shared.replace('  - ports: *dns\n', '  - ports:\n      - port: 53\n      - port: 53\n        protocol: TCP\n'),
  );
  expect(specOf(shared, { kind: 'add', path: 'spec.egress[2].to', items: [DNS] })).toContain('- to:\n');
  expect(specOf(shared, { kind: 'remove', path: 'spec.egress[1]' })).toBe(shared.replace('  - ports: *dns\n', ''));
});

test('what << merges is not edited where it is merged, and what is written behind it has precedence', () => {
  const merged = `egress:
  - &a
    ports: [{port: 53}]
  - <<: *a
    to: []
`;
  expect(edited(policy(merged), { kind: 'add', path: 'spec.egress[1].ports', items: [TCP] })).toBe(
    'spec.egress[1].ports comes from what "<<" merges',
  );
  expect(edited(policy(merged), { kind: 'remove', path: 'spec.egress[1].ports' })).toBe(
    'spec.egress[1].ports comes from what "<<" merges',
  );
  expect(specOf(merged, { kind: 'set', path: 'spec.egress[1].ports', value: [TCP] })).toBe(
    `${merged}    ports:\n      - port: 53\n        protocol: TCP\n`,
  );
  expect(edited(policy(merged), { kind: 'set', path: 'spec.egress[0].ports', value: [TCP] })).toBe(
    'spec.egress[0] is also used elsewhere, by the anchor &a',
  );
});

test('an object that is repeated elsewhere, or comes from elsewhere, is not edited', () => {
  const text = `kind: List\nitems:\n- &a {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, spec: {egress: []}}\n- *a\n`;
  const add = { kind: 'add', path: 'spec.egress', items: [{}] } as const;
  expect(edited(text, { ...add, of: 0 })).toBe(' is also used elsewhere, by the anchor &a');
  expect(edited(text, { ...add, of: 1 })).toBe(' is repeated by an alias');
});

test('edits that contradict each other, or name what is not there, are refused', () => {
  const set = (value: number) => ({ kind: 'set', path: 'spec.egress[0].ports[0].port', value }) as const;
  const spec = policy('egress: [{ports: [{port: 53}]}]');
  expect(edited(spec, set(1), set(2))).toBe('spec.egress[0].ports[0].port is changed twice, in different ways');
  expect(edited(spec, set(1), set(1))).toContain('port: 1');
  expect(edited(spec, { kind: 'remove', path: 'spec.egress[0]' }, set(1))).toBe(
    'spec.egress[0].ports[0].port is changed twice, in different ways',
  );
  expect(edited(spec, { kind: 'remove', path: 'spec.egress[7]' })).toBe('spec.egress[7] is not there');
  expect(edited(spec, { kind: 'add', path: 'spec.egress[7].to', items: [] })).toBe('spec.egress[7].to is not there');
  expect(edited(spec, { kind: 'add', path: 'kind', items: [1] })).toBe('kind is not a list');
  expect(edited(spec, { kind: 'set', path: '', value: 1 })).toBe(' is the whole object');
});

test('keys that are written as hardly anybody does are left to a person', () => {
  const spec = policy('? egress\n: []');
  expect(edited(spec, { kind: 'add', path: 'spec.egress', items: [1] })).toBe(
    'spec is written in a way that only a person can edit',
  );
});

test('a text over several lines ends where it ends, with the empty lines that it keeps', () => {
  const kept = 'egress:\n  - note: |+\n      a\n\n  - note: >-\n      b\n\n# end\n';
  expect(specOf(kept, { kind: 'add', path: 'spec.egress', items: [{ note: 'c' }] })).toBe(
    'egress:\n  - note: |+\n      a\n\n  - note: >-\n      b\n  - note: c\n\n# end\n',
  );
  expect(specOf(kept, { kind: 'remove', path: 'spec.egress[0]' })).toBe('egress:\n  - note: >-\n      b\n\n# end\n');
  expect(specOf(kept, { kind: 'set', path: 'spec.egress[0].note', value: 'd' })).toBe(
    'egress:\n  - note: d\n  - note: >-\n      b\n\n# end\n',
  );
});
