import { type Atoms, familyPart, publicAtoms } from './atoms.ts';
import type { RuleManifest } from './manifest.ts';
import { addressesOf, opensNumber, type Transport } from './matching.ts';
import { PORT_SAMPLES } from './vocabulary.ts';

/** Lane is what the threshold is measured on: UDP and TCP, and IPv4 and IPv6, are each taken alone. */
export interface Lane {
  readonly protocol: Transport;
  readonly family: 4 | 6;
}

export const LANES: readonly Lane[] = (['UDP', 'TCP'] as const).flatMap((protocol) =>
  ([4, 6] as const).map((family) => ({ protocol, family })),
);

/** Grants are the public addresses that rules open in one lane, for each of PORT_SAMPLES. */
export type Grants = readonly Atoms[];

/** publicGrants folds embedded addresses: an IPv4 address in IPv6 clothes is that IPv4 address. */
export function publicGrants(rules: readonly RuleManifest[], { protocol, family }: Lane): Grants {
  const targets = rules.map((rule) => familyPart(publicAtoms(addressesOf(rule)), family));
  return PORT_SAMPLES.map((port) =>
    rules.reduce((all, rule, i) => (opensNumber(rule, protocol, port) ? all | (targets[i] ?? 0n) : all), 0n),
  );
}

export function union(several: readonly Grants[]): Grants {
  return PORT_SAMPLES.map((_, i) => several.reduce((all, grants) => all | (grants[i] ?? 0n), 0n));
}

/** Aim is what an opening is about: every port, or one. */
export type Aim = 'every' | 53 | 853;

/** opened returns the addresses that are open on the port, or on each of all ports. */
export function opened(grants: Grants, aim: Aim): Atoms {
  if (aim !== 'every') return grants[PORT_SAMPLES.indexOf(aim)] ?? 0n;
  return grants.reduce((all, one) => all & one);
}
