import { cut, plain } from '../../objects/plain-text.ts';
import type { AddressSet } from '../../sets/address-set.ts';
import { publicPart, publicShares } from '../../sets/globally-routable.ts';
import type { LabelSelector, Labels } from '../../sets/label-selector.ts';
import type { ValueSet } from '../../sets/value-set.ts';
import type { Peer, Policy } from './policy.ts';

/** Longer lists are cut, so that a hostile object cannot make an endless message. */
const MAX_ITEMS = 5;
const MAX_VALUE = 80;

/** shorten prepares a value from an object for a message: printable and of bounded length. */
export function shorten(text: string): string {
  return cut(plain(text), MAX_VALUE);
}

/** capital begins a sentence. */
export function capital(clause: string): string {
  return clause.charAt(0).toUpperCase() + clause.slice(1);
}

/** listOf joins items as prose: `a`, `a and b`, `a, b and 3 more`. */
export function listOf(items: readonly string[]): string {
  const shown =
    items.length > MAX_ITEMS ? [...items.slice(0, MAX_ITEMS - 1), `${items.length - MAX_ITEMS + 1} more`] : items;
  const last = shown.at(-1) ?? '';
  return shown.length < 2 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}

/** describeLabels shows the labels of a pod: `pods labelled app=web`, `pods without labels`. */
export function describeLabels(labels: Labels): string {
  if (labels.size === 0) return 'pods without labels';
  return `pods labelled ${shorten([...labels].map(([key, value]) => `${key}=${shown(value)}`).join(','))}`;
}

/** describeSelector shows a selector: `app=web`, `role in (a,b)`, `job=*` for any value, `!debug`; `{}` for everything. */
export function describeSelector(selector: LabelSelector): string {
  if (selector.isEverything) return '{}';
  return shorten([...selector.constraints].map(([key, set]) => describeValues(key, set)).join(','));
}

function describeValues(key: string, set: ValueSet): string {
  const values = [...set.values].map(shown).join(',');
  if (set.complement) {
    if (set.values.size === 0) return set.absent ? `${key} anything` : `${key}=*`;
    return set.absent ? `${key} notin (${values})` : `${key}=*,${key} notin (${values})`;
  }
  if (set.values.size === 0) return set.absent ? `!${key}` : `${key} impossible`;
  return set.values.size === 1 ? `${key}=${values}` : `${key} in (${values})`;
}

/** An empty value would be invisible. */
function shown(value: string): string {
  return value === '' ? '""' : value;
}

/** describeSubject shows the pods that a policy selects: `every pod of shop`, `pods app=web`. */
export function describeSubject(policy: Policy): string {
  return policy.subject.isEverything
    ? `every pod of ${policy.ref.namespace}`
    : `pods ${describeSelector(policy.subject)}`;
}

/** Of a selector in a headline. */
const MAX_NAMED = 32;

/** nameSubject is describeSubject for a headline: short. */
export function nameSubject({ subject }: Policy): string {
  return subject.isEverything ? 'every pod' : `pods ${cut(describeSelector(subject), MAX_NAMED)}`;
}

/** describePolicy names a policy, or states that it has no name yet. */
export function describePolicy(policy: Policy): string {
  return policy.ref.name === undefined ? 'this policy' : shorten(policy.ref.name);
}

/** describePeer shows one peer: `namespaces name=kube-system, pods k8s-app=kube-dns`. */
export function describePeer(peer: Peer): string {
  if (peer.kind === 'addresses') return shorten(peer.cidr);
  const namespaces =
    peer.namespaces === 'own'
      ? "the policy's own namespace"
      : peer.namespaces.isEverything
        ? 'every namespace'
        : `namespaces ${describeSelector(peer.namespaces)}`;
  return peer.pods.isEverything ? `every pod of ${namespaces}` : `pods ${describeSelector(peer.pods)} in ${namespaces}`;
}

/** describeAddresses shows how much of the Internet a set is: `any address`, `47% of public IPv4`. */
export function describeAddresses(addresses: AddressSet): string {
  const shares = publicShares(publicPart(addresses));
  if (shares.v4 === 1 && shares.v6 === 1) return 'any address';
  const parts: string[] = [];
  if (shares.v4 > 0) parts.push(shares.v4 === 1 ? 'any IPv4 address' : `${percent(shares.v4)} of public IPv4`);
  if (shares.v6 > 0) parts.push(shares.v6 === 1 ? 'any IPv6 address' : `${percent(shares.v6)} of public IPv6`);
  return listOf(parts);
}

/** isMostOfAll holds if a set is most of the Internet, in either family. */
export function isMostOfAll(addresses: AddressSet): boolean {
  const { v4, v6 } = publicShares(publicPart(addresses));
  return v4 > 0.5 || v6 > 0.5;
}

/** percent shows a share: `0.39%`. */
export function percent(share: number): string {
  if (share > 0.99) return 'over 99%';
  return share < 0.001 ? 'less than 0.1%' : `${(share * 100).toPrecision(2)}%`;
}
