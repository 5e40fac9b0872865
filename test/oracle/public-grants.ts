import { type Atoms, familyPart, publicAtoms } from './atoms.ts';
import type { RuleManifest } from './manifest.ts';
import { addressesOf, hasNames, opensEveryNumber, opensNumber, type Transport } from './matching.ts';
import { PORT_SAMPLES } from './vocabulary.ts';

/** Lane is what the threshold is measured on: UDP and TCP, and IPv4 and IPv6, are each taken alone. */
export interface Lane {
  readonly protocol: Transport;
  readonly family: 4 | 6;
}

export const LANES: readonly Lane[] = (['UDP', 'TCP'] as const).flatMap((protocol) =>
  ([4, 6] as const).map((family) => ({ protocol, family })),
);

/** Grants are the public addresses that rules open in one lane, for each of PORT_SAMPLES, and last by a name of any kind. */
export type Grants = readonly Atoms[];

const NAMED = PORT_SAMPLES.length;

/** publicGrants folds embedded addresses: an IPv4 address in IPv6 clothes is that IPv4 address. */
export function publicGrants(rules: readonly RuleManifest[], { protocol, family }: Lane): Grants {
  const targets = rules.map((rule) => familyPart(publicAtoms(addressesOf(rule)), family));
  const openedBy = (opens: (rule: RuleManifest) => boolean) =>
    rules.reduce((all, rule, i) => (opens(rule) ? all | (targets[i] ?? 0n) : all), 0n);
  return [
    ...PORT_SAMPLES.map((port) => openedBy((rule) => opensNumber(rule, protocol, port))),
    openedBy((rule) => hasNames(rule, protocol) || opensEveryNumber(rule, protocol)),
  ];
}

export function union(several: readonly Grants[]): Grants {
  return [...PORT_SAMPLES, 'named'].map((_, i) => several.reduce((all, grants) => all | (grants[i] ?? 0n), 0n));
}

/** Aim is what an opening is about: every port, one, those by name, or those by name and 53 beside them. */
export type Aim = 'every' | 53 | 853 | 'named' | 'named or 53';

/** opened returns the addresses that are open on the port, or on each of all ports. */
export function opened(grants: Grants, aim: Aim): Atoms {
  if (aim === 'every') return grants.slice(0, NAMED).reduce((all, one) => all & one);
  if (aim === 'named') return grants[NAMED] ?? 0n;
  if (aim === 'named or 53') return opened(grants, 'named') | opened(grants, 53);
  return grants[PORT_SAMPLES.indexOf(aim)] ?? 0n;
}

/** isNewly says whether own grants open addresses of these, on some port of the aim, that were not open before. */
export function isNewly(own: Grants, before: Grants, within: Atoms, aim: Aim): boolean {
  if (aim !== 'every') return (opened(own, aim) & within & ~opened(before, aim)) !== 0n;
  return PORT_SAMPLES.some((_, i) => ((own[i] ?? 0n) & within & ~(before[i] ?? 0n)) !== 0n);
}
