/** UNSHOWN are the parts of what rules say that packets in this cluster do not show, and why. */
export const UNSHOWN: readonly { readonly what: string; readonly why: string }[] = [
  {
    what: 'every rule: IPv6 (`::/0`, `2000::/3`, NAT64, 6to4, Teredo, mapped addresses)',
    why: 'the cluster has IPv4 alone; the engine is compared with a brute-force evaluator on IPv6 by unit tests',
  },
  {
    what: '`baseline-modified`: owners, lost `managedFields`, lost labels',
    why: 'they change what netpol-guard may do to an object later; no packet differs by them',
  },
  {
    what: '`dns-depends-on-cni`, `service-address-in-ip-block`: plugins that check before translation, or match no pod by address',
    why: 'the cluster has one plugin, which checks after translation and matches pods by address',
  },
  {
    what: '`dns-open-to-anywhere`: the threshold of 1/256 of all addresses',
    why: 'which width counts as anywhere is a decision, and all widths let their packets through',
  },
  {
    what: '`dns-peer-matches-nothing`: servers that listen on another port than 53',
    why: 'the servers of this cluster listen on 53; those of some random worlds listen on 5353',
  },
  {
    what: '`encrypted-dns-open-to-anywhere`: DNS over QUIC (UDP 853)',
    why: 'nothing out on this Internet answers there; the plugin treats UDP ports alike, and 53 is shown',
  },
  {
    what: '`encrypted-dns-open-to-anywhere`: DNS over HTTPS',
    why: 'the page says that no NetworkPolicy can tell it from HTTPS',
  },
  {
    what: '`named-port-to-anywhere`: Cilium before 1.20, which opens address blocks by name too',
    why: 'the cluster has one plugin, which opens by name where a rule has no `to`',
  },
  {
    what: '`invalid-object`, `invalid-yaml`, `duplicate-object`, `unsupported-policy-api`, `unrendered-policy`',
    why: 'they are about files: what they find is not applied, or is no NetworkPolicy',
  },
  {
    what: '`policy-too-complicated`: the pieces of the Internet that the policies of its bad example open',
    why: 'it says what netpol-guard cannot decide; no pod of this cluster has the labels',
  },
];
