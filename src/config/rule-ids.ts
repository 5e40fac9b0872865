/** RULE_IDS are the rules that a configuration may name. */
export const RULE_IDS: readonly string[] = [
  'baseline-modified',
  'dns-blocked',
  'dns-depends-on-cni',
  'dns-open-to-anywhere',
  'dns-open-to-cluster',
  'dns-open-to-outside-resolver',
  'dns-over-tcp-blocked',
  'dns-over-udp-blocked',
  'dns-partly-blocked',
  'dns-peer-matches-nothing',
  'dns-servers-isolated',
  'egress-open-to-anywhere',
  'egress-rules-ignored',
  'encrypted-dns-open-to-anywhere',
  'service-address-in-ip-block',
];
