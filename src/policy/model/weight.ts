import type { AddressSet } from '../../sets/address-set.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';
import type { AllowRule, Peer, Policy, PortEntry } from './policy.ts';

/**
 * Bytes of heap, on 64 bits: the compiled size of a part, and what verdicts remember of it. `npm run bench -- --only
 * kept` measures policies of ten thousand items of each sort before and after they were judged; these are the upper
 * bounds.
 */
const BYTES = {
  policy: 2000,
  rule: 1250,
  port: 470,
  peer: 160,
  block: 390,
  /** One end of an interval; an IPv6 address is an object of its own. */
  v4Bound: 48,
  v6Bound: 80,
  selector: 100,
  constraint: 560,
  value: 80,
  /** Texts are kept once as they are, and once within the key of what holds them. */
  character: 2,
};

/** weightOf estimates the bytes that a policy takes for as long as it is kept: never much less than the real size. */
export function weightOf({ subject, egress, ingress, ignoredEgress, managed }: Policy): number {
  const rules = [egress, ingress, ignoredEgress].reduce((sum, list) => sum + total(list, ofRule), 0);
  return BYTES.policy + ofSelector(subject) + rules + ofText(managed?.text ?? '');
}

function ofRule({ peers, entries }: AllowRule): number {
  return BYTES.rule + (peers === 'any' ? 0 : total(peers, ofPeer)) + total(entries, ofPort);
}

function ofPort({ text }: PortEntry): number {
  return BYTES.port + ofText(text);
}

function ofPeer(peer: Peer): number {
  if (peer.kind === 'addresses') return BYTES.block + ofAddresses(peer.addresses) + ofText(peer.cidr);
  return BYTES.peer + ofSelector(peer.pods) + (peer.namespaces === 'own' ? 0 : ofSelector(peer.namespaces));
}

function ofAddresses({ v4, v6 }: AddressSet): number {
  return v4.bounds.length * BYTES.v4Bound + v6.bounds.length * BYTES.v6Bound;
}

function ofSelector({ constraints }: LabelSelector): number {
  let bytes = BYTES.selector;
  for (const [key, { values }] of constraints) {
    bytes += BYTES.constraint + ofText(key);
    for (const value of values) bytes += BYTES.value + ofText(value);
  }
  return bytes;
}

function ofText(text: string): number {
  return text.length * BYTES.character;
}

function total<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  let bytes = 0;
  for (const item of items) bytes += bytesOf(item);
  return bytes;
}
