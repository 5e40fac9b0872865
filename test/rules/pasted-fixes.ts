import { parse, parseAllDocuments, stringify } from 'yaml';
import type { Finding, ObjectRef } from '../../src/policy/model/finding.ts';

/** Manifest is one document, as plain data that a test may change. */
export type Manifest = { [key: string]: unknown };

interface Port {
  protocol?: string;
  port?: number | string;
  endPort?: number;
}

interface Peer {
  ipBlock?: { cidr: string };
}

interface Rule {
  to?: Peer[];
  ports?: Port[];
}

interface Spec {
  policyTypes?: string[];
  egress?: Rule[];
  ingress?: unknown[];
}

/** Pasted is what a fix shows: a whole policy, or the fields of one. */
interface Pasted {
  kind?: string;
  to?: Peer[];
  ports?: Port[];
  policyTypes?: string[];
  egress?: Rule[];
  ingress?: unknown[];
}

/** readDocuments reads manifests; the items of a List become documents of their own. */
export function readDocuments(manifests: string): Manifest[] {
  const documents = parseAllDocuments(manifests).map((document) => document.toJS() as Manifest | null);
  return documents.flatMap((document) => {
    if (document === null) return [];
    return Array.isArray(document['items']) ? (document['items'] as Manifest[]) : [document];
  });
}

export function writeDocuments(documents: readonly Manifest[]): string {
  // As kubectl reads it: in YAML 1.1 a port called `no` needs its quotes.
  const asRead = { aliasDuplicateObjects: false, version: '1.1' } as const;
  return documents.map((document) => stringify(document, asRead)).join('---\n');
}

/** pasteFix does to the manifests what a developer does who reads the finding, and pastes its YAML where it says. */
export function pasteFix(documents: Manifest[], { fix, path, message, object }: Finding): void {
  const pasted = parse(fix.yaml ?? '{}') as Pasted;
  if (pasted.kind === 'NetworkPolicy') {
    documents.push(pasted as Manifest);
    return;
  }
  const [, place] = WAYS.find(([words]) => words.test(fix.description)) ?? [];
  if (place === undefined) throw new Error(`where does this go? ${fix.description}`);
  const [, elsewhere] = /^in `(.*?)`, /.exec(fix.description) ?? [];
  const policy = policyOf(documents, elsewhere === undefined ? object : { ...object, name: elsewhere });
  const spec = policy['spec'] as Spec;
  spec.egress ??= [];
  const index = indexIn(path, 'egress');
  const rule = spec.egress[index];
  const metadata = policy['metadata'] as Metadata;
  place({
    metadata,
    spec,
    egress: spec.egress,
    index,
    rule,
    peer: indexIn(path, 'to'),
    pasted,
    message,
    help: fix.description,
  });
}

interface Metadata {
  name?: string;
  generateName?: string;
  namespace?: string;
  labels?: { [key: string]: string };
}

interface Place {
  readonly metadata: Metadata;
  readonly spec: Spec;
  readonly egress: Rule[];
  /** Of the rule that the finding is about; the first where it is about none. */
  readonly index: number;
  readonly rule: Rule | undefined;
  /** Index of the peer that the finding is about. */
  readonly peer: number;
  readonly pasted: Pasted;
  readonly message: string;
  readonly help: string;
}

/** A way to place what is pasted, for each wording of a fix. */
const WAYS: readonly (readonly [words: RegExp, place: (place: Place) => unknown])[] = [
  [/^add a `to` that|^let `to` name/, ({ rule, pasted: { to } }) => Object.assign(demand(rule), { to })],
  [
    /^name (namespace and pods|cluster DNS)/,
    ({ rule, peer, pasted: { to, ports } }) => {
      demand(rule?.to).splice(peer, 1, ...demand(to));
      if (ports !== undefined) Object.assign(demand(rule), { ports });
    },
  ],
  [/add a peer that names/, ({ rule, pasted: { to } }) => rule?.to?.push(...demand(to))],
  [/^use the port of/, ({ rule, pasted: { ports } }) => Object.assign(demand(rule), { ports })],
  [
    /(^|, )add \S+( and \S+)? to the rule|^let the DNS servers reach/,
    ({ egress, pasted }) => egress.push(...demand(pasted.egress)),
  ],
  [
    /^move the ports by name into a rule of their own/,
    ({ egress, index, rule, pasted }) => {
      const ports = demand(demand(rule).ports);
      const names = ports.filter(({ port }) => typeof port === 'string');
      const pods = rule?.to?.filter(({ ipBlock }) => ipBlock === undefined);
      egress.splice(index, 1, { ...rule, ports: ports.filter((port) => !names.includes(port)) });
      egress.push(...(pasted.egress ?? [{ to: demand(pods), ports: names }]));
    },
  ],
  [
    /^leave the addresses out of `to`/,
    ({ rule }) => Object.assign(demand(rule), { to: rule?.to?.filter(({ ipBlock }) => ipBlock === undefined) }),
  ],
  [/^name the destinations/, ({ egress, index, pasted }) => egress.splice(index, 1, ...demand(pasted.egress))],
  [/^add Egress to policyTypes/, ({ spec, pasted: { policyTypes } }) => Object.assign(spec, { policyTypes })],
  [
    /^let everyone reach/,
    ({ spec, pasted: { ingress } }) => {
      spec.ingress = [...(spec.ingress ?? []), ...demand(ingress)];
    },
  ],
  [
    /^leave the DNS ports out of this rule/,
    ({ egress, index, pasted, message }) => {
      const opened = [...message.matchAll(/(?:UDP|TCP) (\d+)(?![\d-])/g)].map(([, port]) => Number(port));
      closePorts(egress, index, [53, ...opened]);
      egress.push(...(pasted.egress ?? []));
    },
  ],
  [
    /^give the policy another name$/,
    ({ metadata }) => {
      delete metadata.generateName;
      metadata.name = 'our-own';
    },
  ],
  [
    /^leave out the label/,
    ({ metadata, help }) => {
      const [, key = ''] = /`(.*?): /.exec(help) ?? [];
      delete demand(metadata.labels)[key];
    },
  ],
  [/or leave port 853 out$/, ({ egress, index }) => closePorts(egress, index, [853])],
  [/^remove the rule/, ({ egress, index }) => egress.splice(index, 1)],
  [
    /^remove what is outside/,
    ({ rule, message }) => {
      const isOutside = ({ ipBlock }: Peer) => ipBlock !== undefined && message.includes(` ${ipBlock.cidr}`);
      Object.assign(demand(rule), { to: rule?.to?.filter((peer) => !isOutside(peer)) });
    },
  ],
  [
    /for the API server allow \S+ as ipBlock and port$/,
    ({ rule, help }) => {
      const [, address, port] = /allow (\S+):(\d+) as/.exec(help) ?? [];
      Object.assign(demand(rule), { to: [{ ipBlock: { cidr: `${address}/32` } }], ports: [{ port: Number(port) }] });
    },
  ],
];

function demand<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the fix does not show what its words promise, or its path leads nowhere');
  return value;
}

function policyOf(documents: readonly Manifest[], { namespace, name }: ObjectRef): Manifest {
  const found = documents.find(({ kind, metadata = {} }) => {
    const given = metadata as Metadata;
    return kind === 'NetworkPolicy' && given.name === name && (given.namespace ?? 'default') === namespace;
  });
  return demand(found);
}

function indexIn(path: string, list: string): number {
  return Number(new RegExp(`\\b${list}\\[(\\d+)\\]`).exec(path)?.[1] ?? 0);
}

/** closePorts cuts numbers out of the ports of a rule; one that opens nothing else is removed. Names of ports go too. */
function closePorts(egress: Rule[], index: number, numbers: readonly number[]): void {
  const whole: Port[] = ['UDP', 'TCP', 'SCTP'].map((protocol) => ({ protocol }));
  const ports = (egress[index]?.ports ?? whole).flatMap((port) => portsBetween(port, numbers));
  if (ports.length === 0) egress.splice(index, 1);
  else Object.assign(demand(egress[index]), { ports });
}

function portsBetween({ protocol = 'TCP', port, endPort }: Port, numbers: readonly number[]): Port[] {
  if (typeof port === 'string') return [];
  const [first, last] = port === undefined ? [1, 65535] : [port, endPort ?? port];
  const bounds = [...numbers.filter((number) => number >= first && number <= last).toSorted((a, b) => a - b), last + 1];
  return bounds
    .map((bound, i) => ({ protocol, port: (bounds[i - 1] ?? first - 1) + 1, endPort: bound - 1 }))
    .filter((range) => range.port <= range.endPort);
}
