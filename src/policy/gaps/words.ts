import { dnsPortsText, dnsServersText } from '../dns/allow-dns.ts';
import type { GapVerdict } from '../dns/gap.ts';
import { describeLabels, describeSubject } from '../model/describe.ts';
import type { DnsLoss } from './loss.ts';

/** gapHeadline is the predicate of a policy, or of its deletion, that costs these pods their DNS. */
export function gapHeadline(pods: string, { fault, uncertain }: GapVerdict): string {
  const [cuts, leaves] = uncertain === undefined ? ['cuts', 'leaves'] : ['may cut', 'may leave'];
  switch (fault) {
    case 'blocked':
      return `${cuts} ${pods} off from DNS`;
    case 'udp-blocked':
      return `${cuts} ${pods} off from DNS over UDP`;
    case 'tcp-blocked':
      return `${cuts} ${pods} off from DNS over TCP`;
    case 'partly-blocked':
      return `${leaves} some of the pods without DNS`;
  }
}

/**
 * gapReason states what no policy of the namespace allows: `no policy in shop lets them reach kube-system/kube-dns on
 * UDP and TCP 53`.
 */
export function gapReason({ policy, gap }: DnsLoss, verdict: GapVerdict, no: string): string {
  const { world } = gap.reach;
  const servers = dnsServersText(world);
  const { fault, uncertain, witness, protocols } = verdict;
  switch (fault) {
    case 'blocked': {
      const lets = uncertain === undefined ? 'lets' : 'is sure to let';
      return `${no} ${lets} them reach ${servers} on ${dnsPortsText(world)}`;
    }
    case 'udp-blocked':
      return `${no} lets them reach ${servers} over UDP, so nearly every lookup fails (a port without protocol is TCP)`;
    case 'tcp-blocked':
      return `${no} lets them reach ${servers} over TCP, so large answers fail`;
    case 'partly-blocked': {
      const who = witness === undefined ? `some of ${describeSubject(policy)}` : describeLabels(witness);
      const may = uncertain === undefined ? 'cannot' : 'perhaps cannot';
      return `${who} ${may} reach ${servers} over ${protocols.join(' and ')}, while others can`;
    }
  }
}
