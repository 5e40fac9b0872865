import { PROTOCOLS } from '../../sets/port-set.ts';
import type { Fix } from '../model/finding.ts';
import type { AllowRule, PortEntry } from '../model/policy.ts';
import type { DnsWorld } from '../model/snapshot.ts';
import { pinnedDns, portLine } from './allow-dns.ts';
import { type DnsVocabulary, isAboutDns } from './vocabulary.ts';

const EVERY_POD: readonly string[] = ['to:', '  - namespaceSelector: {}'];

/** A number opens addresses that the name, by the standard, never did. */
const NOT_THE_NUMBER = '; the number in place of the name would open the Internet, so only you can decide on that';

/** So many ports are written out; longer lists are left to the author. */
const MAX_PORTS = 20;

/**
 * namedPortFix is the advice for a rule that opens ports by name to addresses: to keep the names, and name pods, which alone
 * have names for their ports. That opens nothing which was closed. A rule about DNS, and one without names that adds to what
 * others open by name, is to leave DNS to cluster DNS.
 */
export function namedPortFix(rule: AllowRule, world: DnsWorld, vocabulary: DnsVocabulary): Fix {
  if (isAboutDns(rule, vocabulary) || !rule.entries.some(isNamed)) return pinnedDns(rule, world, vocabulary);
  const isOfNames = rule.entries.every(isNamed);
  if (rule.peers !== 'any' && rule.peers.some(({ kind }) => kind === 'pods')) {
    const description = isOfNames
      ? 'leave the addresses out of `to`, where the pods stay'
      : 'move the ports by name into a rule of their own, to the pods of this one';
    return { description: description + NOT_THE_NUMBER };
  }
  if (!isOfNames) return ruleOfTheirOwn(rule.entries.filter(isNamed));
  const description =
    rule.peers === 'any' ? 'add a `to` that names pods' : 'let `to` name pods in place of the addresses';
  return { description: description + NOT_THE_NUMBER, yaml: EVERY_POD.join('\n') };
}

function isNamed({ ports }: PortEntry): boolean {
  return PROTOCOLS.some((protocol) => ports.names[protocol].length > 0);
}

function ruleOfTheirOwn(entries: readonly PortEntry[]): Fix {
  const description = `move the ports by name into a rule of their own, to pods${NOT_THE_NUMBER}`;
  if (entries.length > MAX_PORTS) return { description };
  const ports = entries.flatMap(({ ports: { names } }) =>
    PROTOCOLS.flatMap((protocol) => names[protocol].map((port) => portLine({ protocol, port }))),
  );
  const [to = '', peer = ''] = EVERY_POD;
  const yaml = ['egress:', `  - ${to}`, `    ${peer}`, '    ports:', ...ports.map((line) => `      ${line}`)];
  return { description, yaml: yaml.join('\n') };
}
