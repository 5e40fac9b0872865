import type { Rule } from '../situation/rule.ts';
import { baselineModified } from './baseline-modified.ts';
import { dnsBlocked } from './dns-blocked.ts';
import { dnsDependsOnCni } from './dns-depends-on-cni.ts';
import { dnsOpenToAnywhere } from './dns-open-to-anywhere.ts';
import { dnsOpenToCluster } from './dns-open-to-cluster.ts';
import { dnsOpenToOutsideResolver } from './dns-open-to-outside-resolver.ts';
import { dnsOverTcpBlocked } from './dns-over-tcp-blocked.ts';
import { dnsOverUdpBlocked } from './dns-over-udp-blocked.ts';
import { dnsPartlyBlocked } from './dns-partly-blocked.ts';
import { dnsPeerMatchesNothing } from './dns-peer-matches-nothing.ts';
import { dnsServersIsolated } from './dns-servers-isolated.ts';
import { egressOpenToAnywhere } from './egress-open-to-anywhere.ts';
import { egressRulesIgnored } from './egress-rules-ignored.ts';
import { encryptedDnsOpenToAnywhere } from './encrypted-dns-open-to-anywhere.ts';
import { namedPortToAnywhere } from './named-port-to-anywhere.ts';
import { policyBeingDeleted } from './policy-being-deleted.ts';
import { policyTooComplicated } from './policy-too-complicated.ts';
import { serviceAddressInIpBlock } from './service-address-in-ip-block.ts';

/** RULES are all rules, in alphabetical order of their ids. */
export const RULES: readonly Rule[] = [
  baselineModified,
  dnsBlocked,
  dnsDependsOnCni,
  dnsOpenToAnywhere,
  dnsOpenToCluster,
  dnsOpenToOutsideResolver,
  dnsOverTcpBlocked,
  dnsOverUdpBlocked,
  dnsPartlyBlocked,
  dnsPeerMatchesNothing,
  dnsServersIsolated,
  egressOpenToAnywhere,
  egressRulesIgnored,
  encryptedDnsOpenToAnywhere,
  namedPortToAnywhere,
  policyBeingDeleted,
  policyTooComplicated,
  serviceAddressInIpBlock,
];
