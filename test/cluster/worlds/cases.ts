import type { PeerManifest, PortManifest, RuleManifest } from '../../oracle/manifest.ts';
import type { Transport } from '../../oracle/matching.ts';
import { DNS_SERVICE, POD_RANGE, SERVICE_RANGE } from '../light/places.ts';
import type { Answer } from './engine-says.ts';
import type { Target } from './world.ts';

const BOTH: readonly PortManifest[] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];
const DNS: PeerManifest = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

/** Reached is, by target, over which transports a pod that the policy selects gets an answer. */
export type Reached = Readonly<Record<Target, 'both' | 'UDP' | 'TCP' | 'none'>>;

const NOTHING: Reached = { dns: 'none', documentation: 'none', public: 'none' };
const EVERYTHING: Reached = { dns: 'both', documentation: 'both', public: 'both' };

/** Case is a policy of the namespace `shop` that selects all of its pods, what it is to the engine, and to packets. */
export interface Case {
  readonly policy: string;
  readonly egress: readonly RuleManifest[];
  readonly packets: Reached;
  /** Where it says otherwise than packets do: on one transport, or on both. */
  readonly engine?: Partial<Record<Target, Answer | Partial<Record<Transport, Answer>>>>;
  readonly matters: string;
  /** In another namespace, where no pod has ports with those names. */
  readonly namespace?: string;
}

/** CASES are about DNS servers on port 53. */
export const CASES: readonly Case[] = [
  {
    policy: 'egress denied to all, nothing allowed',
    egress: [],
    packets: NOTHING,
    matters: 'Every lookup fails: `dns-blocked`.',
  },
  {
    policy: 'the DNS pods named by selectors, port 53',
    egress: [{ to: [DNS], ports: BOTH }],
    packets: { ...NOTHING, dns: 'both' },
    matters: 'The carve-out of the baseline: lookups work, and nothing leaves the cluster.',
  },
  {
    policy: 'the same, a port without `protocol`',
    egress: [{ to: [DNS], ports: [{ port: 53 }] }],
    packets: { ...NOTHING, dns: 'TCP' },
    matters: 'TCP is the default, and nearly every lookup goes over UDP: `dns-over-udp-blocked`.',
  },
  {
    policy: 'port 53, no `to`',
    egress: [{ ports: BOTH }],
    packets: EVERYTHING,
    matters: 'The leak: whoever answers on port 53 out there is answered: `dns-open-to-anywhere`.',
  },
  {
    policy: 'ports 50 to 60 of `0.0.0.0/1` and `128.0.0.0/1`',
    egress: [
      {
        to: [{ ipBlock: { cidr: '0.0.0.0/1' } }, { ipBlock: { cidr: '128.0.0.0/1' } }],
        ports: [{ protocol: 'UDP', port: 50, endPort: 60 }],
      },
    ],
    packets: { dns: 'UDP', documentation: 'UDP', public: 'UDP' },
    engine: { dns: { UDP: 'plugin' } },
    matters: 'The same leak in another spelling: it is addresses and ports that count.',
  },
  {
    policy: `\`ipBlock\` of the DNS Service's address, \`${DNS_SERVICE}/32\``,
    egress: [{ to: [{ ipBlock: { cidr: `${DNS_SERVICE}/32` } }], ports: BOTH }],
    packets: NOTHING,
    engine: { dns: 'plugin' },
    matters: 'No lookup works: policies are looked at after the translation to the pod: `dns-depends-on-cni`.',
  },
  {
    policy: `\`ipBlock\` of the Service range, \`${SERVICE_RANGE}\``,
    egress: [{ to: [{ ipBlock: { cidr: SERVICE_RANGE } }], ports: BOTH }],
    packets: NOTHING,
    engine: { dns: 'plugin' },
    matters: 'The same: `dns-depends-on-cni`.',
  },
  {
    policy: `\`ipBlock\` of the pods' range, \`${POD_RANGE}\``,
    egress: [{ to: [{ ipBlock: { cidr: POD_RANGE } }], ports: BOTH }],
    packets: { ...NOTHING, dns: 'both' },
    engine: { dns: 'plugin' },
    matters: 'Works here, and on Cilium it would not: `dns-depends-on-cni`.',
  },
  {
    policy: 'the DNS pods named by selectors, ports `dns` and `dns-tcp`',
    egress: [
      {
        to: [DNS],
        ports: [
          { protocol: 'UDP', port: 'dns' },
          { protocol: 'TCP', port: 'dns-tcp' },
        ],
      },
    ],
    packets: { ...NOTHING, dns: 'both' },
    matters: 'Names of ports are those of the pods that are asked.',
  },
  {
    policy: 'the DNS pods named by selectors, a port by a name that they do not have',
    egress: [{ to: [DNS], ports: [{ protocol: 'TCP', port: 'domain' }] }],
    packets: { ...NOTHING, dns: 'both' },
    engine: { dns: 'no' },
    matters: 'kube-router opens every port of those pods then, other plugins none: `dns-blocked` is right elsewhere.',
  },
  {
    policy: 'port `dns` over UDP, no `to`, where a pod of the namespace has a port of that name',
    egress: [{ ports: [{ protocol: 'UDP', port: 'dns' }] }],
    packets: { dns: 'UDP', documentation: 'UDP', public: 'UDP' },
    engine: { documentation: 'no', public: 'no' },
    matters:
      'kube-router opens the number to every address, and this one is the name of DNS: `named-port-to-anywhere`.',
  },
  {
    policy: 'port `dns` over UDP, no `to`, where no pod of the namespace has a port of that name',
    namespace: 'bank',
    egress: [{ ports: [{ protocol: 'UDP', port: 'dns' }] }],
    packets: NOTHING,
    engine: { dns: { UDP: 'yes' } },
    matters: 'kube-router looks names up in the namespace of the policy, so this opens nothing.',
  },
  {
    policy: 'port `web` over UDP, no `to`, where a pod of the namespace calls its UDP 53 so',
    egress: [{ ports: [{ protocol: 'UDP', port: 'web' }] }],
    packets: { dns: 'UDP', documentation: 'UDP', public: 'UDP' },
    engine: { dns: 'no', documentation: 'no', public: 'no' },
    matters: 'The leak by a name of a tenant’s own: `named-port-to-anywhere`.',
  },
  {
    policy: 'the same, to every pod of every namespace',
    egress: [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: 'UDP', port: 'web' }] }],
    packets: NOTHING,
    matters:
      'What the rule’s help says to write: the name is left to pods that have it, and nothing leaves the cluster.',
  },
  {
    policy: 'port `web` over UDP of `0.0.0.0/0`, where a pod of the namespace calls its UDP 53 so',
    egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ protocol: 'UDP', port: 'web' }] }],
    packets: NOTHING,
    matters:
      'kube-router opens no block by a name, and Cilium before 1.20 does: `named-port-to-anywhere` all the same.',
  },
  {
    policy: 'port 53 of `0.0.0.0/0` except `8.8.8.8/32`, and of `8.0.0.0/8`, in one rule',
    egress: [
      {
        to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['8.8.8.8/32'] } }, { ipBlock: { cidr: '8.0.0.0/8' } }],
        ports: BOTH,
      },
    ],
    packets: { ...EVERYTHING, public: 'none' },
    engine: { dns: 'plugin', public: 'yes' },
    matters: 'kube-router cuts an exception out of all blocks of the rule; by the API the second block holds it.',
  },
  {
    policy: 'port 53 of SCTP, no `to`',
    egress: [{ ports: [{ protocol: 'SCTP', port: 53 }] }],
    packets: NOTHING,
    matters: 'Another protocol is another port.',
  },
];

/** CASES_ON_5353 are about DNS servers on port 5353, behind a Service of port 53. */
export const CASES_ON_5353: readonly Case[] = [
  {
    policy: 'DNS servers on port 5353, named by selectors, port 53',
    egress: [{ to: [DNS], ports: BOTH }],
    packets: NOTHING,
    matters: "The Service's port is not the pods': `dns-blocked`, and `dns-peer-matches-nothing` says why.",
  },
  {
    policy: 'the same, port 5353',
    egress: [
      {
        to: [DNS],
        ports: [
          { protocol: 'UDP', port: 5353 },
          { protocol: 'TCP', port: 5353 },
        ],
      },
    ],
    packets: { ...NOTHING, dns: 'both' },
    matters: 'The carve-out of the baseline, where discovery has found that port.',
  },
];
