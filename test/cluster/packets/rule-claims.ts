import type { Packets } from './claims.ts';
import type { TargetName } from './targets.ts';

/** RuleClaims are what a rule's page foretells, as packets would show it. */
export interface RuleClaims {
  /** Under the page's bad example, applied past the webhook. */
  readonly bad: Packets;
  /** Under its good example. */
  readonly good: Packets;
}

const DNS: readonly TargetName[] = ['dns/udp', 'dns/tcp', 'a name'];
const OUTSIDE: readonly TargetName[] = ['outside/udp', 'outside/tcp'];
/** What every carve-out is to do: lookups of all kinds, and no resolver but the cluster's. */
const PINNED = { reaches: DNS, not: OUTSIDE };

/** RULE_CLAIMS has an entry for every rule. */
export const RULE_CLAIMS: Readonly<Record<string, RuleClaims>> = {
  // Its bad example is put back, so this is what packets do afterwards.
  'baseline-modified': {
    bad: { edge: { not: ['web:8080'] }, plain: PINNED },
    good: { edge: { reaches: ['web:8080'] }, plain: { reaches: DNS, not: [...OUTSIDE, 'web:8080'] } },
  },
  'dns-blocked': {
    bad: { plain: { not: DNS }, web: { not: DNS } },
    good: { plain: PINNED, web: PINNED },
  },
  'dns-depends-on-cni': {
    bad: { plain: { not: DNS } },
    good: { plain: PINNED },
  },
  'dns-open-to-anywhere': {
    bad: { plain: { reaches: [...OUTSIDE, ...DNS], not: ['outside:443'] } },
    good: { plain: PINNED },
  },
  'dns-open-to-cluster': {
    bad: {
      plain: { reaches: ['rogue/udp', 'rogue/tcp', ...DNS], not: [...OUTSIDE, 'neighbour/udp', 'neighbour/tcp'] },
    },
    good: { plain: { reaches: DNS, not: [...OUTSIDE, 'rogue/udp', 'rogue/tcp'] } },
  },
  'dns-open-to-outside-resolver': {
    bad: { plain: { reaches: ['8.8.8.8/udp', '8.8.8.8/tcp', ...DNS], not: OUTSIDE } },
    good: { plain: { reaches: DNS, not: [...OUTSIDE, '8.8.8.8/udp', '8.8.8.8/tcp'] } },
  },
  'dns-over-tcp-blocked': {
    bad: { plain: { reaches: ['dns/udp', 'a name'], not: ['dns/tcp', 'a name with a large answer'] } },
    good: { plain: { reaches: [...DNS, 'a name with a large answer'], not: OUTSIDE } },
  },
  'dns-over-udp-blocked': {
    bad: { plain: { reaches: ['dns/tcp'], not: ['dns/udp', 'a name'] } },
    good: { plain: PINNED },
  },
  'dns-partly-blocked': {
    bad: { frontend: PINNED, plain: { not: DNS } },
    good: { frontend: PINNED, plain: PINNED },
  },
  'dns-peer-matches-nothing': {
    bad: { plain: { reaches: [...DNS, 'stray/udp', 'stray/tcp', 'twin/udp', 'twin/tcp'], not: OUTSIDE } },
    good: { plain: { reaches: DNS, not: [...OUTSIDE, 'stray/udp', 'stray/tcp', 'twin/udp', 'twin/tcp'] } },
  },
  'dns-servers-isolated': {
    bad: { plain: { not: DNS, reaches: OUTSIDE }, bystander: { not: DNS, reaches: OUTSIDE } },
    good: { plain: { reaches: DNS }, bystander: { reaches: DNS, not: ['stray/udp', 'stray/tcp'] } },
  },
  'egress-open-to-anywhere': {
    bad: { web: { reaches: [...OUTSIDE, 'outside:443', 'outside:853', 'outside:8080', 'database:8080', ...DNS] } },
    good: {
      web: {
        reaches: [...DNS, 'database:5432', 'outside:443'],
        not: [...OUTSIDE, 'outside:853', 'outside:8080', 'database:8080'],
      },
    },
  },
  'egress-rules-ignored': {
    bad: { web: { reaches: [...OUTSIDE, 'gateway:8080', 'outside:443'] }, gateway: { not: ['web:8080'] } },
    good: { web: { reaches: OUTSIDE }, gateway: { reaches: ['web:8080'] }, plain: { not: ['web:8080'] } },
  },
  'encrypted-dns-open-to-anywhere': {
    bad: { resolver: { reaches: ['outside:853', '9.9.9.9:853', ...DNS], not: OUTSIDE } },
    good: { resolver: { reaches: ['9.9.9.9:853', ...DNS], not: ['outside:853', ...OUTSIDE] } },
  },
  'named-port-to-anywhere': {
    bad: {
      plain: {
        reaches: [...DNS, 'outside/udp', 'rogue/udp', 'twin/udp'],
        not: ['outside/tcp', 'twin/tcp', 'outside:443'],
      },
    },
    good: { plain: { reaches: [...DNS, 'twin/udp'], not: [...OUTSIDE, 'rogue/udp', 'twin/tcp', 'stray/udp'] } },
  },
  // It is deleted first, and has a finalizer.
  'policy-being-deleted': {
    bad: { gateway: { reaches: ['web:8080'] }, plain: { not: ['web:8080'] } },
    good: { gateway: { reaches: ['web:8080'] }, plain: { not: ['web:8080'] } },
  },
  'policy-too-complicated': {
    bad: { plain: PINNED },
    good: { web: PINNED },
  },
  'service-address-in-ip-block': {
    bad: {
      operator: {
        reaches: DNS,
        not: ['API server by a Service of 10.43.0.0/16', 'API server by its Service', 'API server by its endpoint'],
      },
    },
    good: { operator: { reaches: ['172.20.7.4:6443', ...DNS], not: OUTSIDE } },
  },
};
