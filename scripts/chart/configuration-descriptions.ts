/**
 * CONFIGURATION_DESCRIPTIONS describe each key of the configuration, by its path. docs/operations.md has the details.
 */
export const CONFIGURATION_DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ['enforce', 'Level whose violations are refused in namespaces without the label netpol-guard.io/enforce.'],
  ['warn', 'Level whose violations are shown as warnings in namespaces without the label netpol-guard.io/warn.'],
  ['audit', 'Level whose violations are recorded in namespaces without the label netpol-guard.io/audit.'],
  ['rulesVersion', 'Version of the rules. Rules of later versions only warn, so that an upgrade refuses nothing new.'],
  ['rules', 'Action for violations of individual rules, whatever their level: deny, warn, audit or off.'],
  ['exemptions', 'What the rules do not apply to.'],
  [
    'exemptions.namespaces',
    'Namespaces that no rule applies to; * and ? are wildcards. System namespaces are exempt anyway.',
  ],
  ['exemptions.users', 'Exact names of users whose changes are not judged.'],
  ['exemptions.groups', 'Exact names of groups whose changes are not judged.'],
  ['exemptions.entries', 'Individual policies that may break some rules, with a reason and an expiry date.'],
  ['dns', 'Where cluster DNS is, and what counts as DNS.'],
  ['dns.presets', 'Well-known locations of cluster DNS, used instead of discovery.'],
  ['dns.servers', 'DNS servers, used instead of discovery: pods with their ports, or address blocks.'],
  ['dns.ports', 'Ports that count as DNS in egress rules.'],
  ['dns.allowedResolvers', 'Resolvers outside the cluster that policies may allow, as CIDRs.'],
  ['dns.anywhereThreshold', 'Share of all public addresses at or above which a block counts as any address.'],
  [
    'dns.otherPolicies',
    'Whether policies of APIs that netpol-guard does not read make verdicts uncertain (auto) or not (ignore).',
  ],
  ['dnsBlocked', 'Action on changes that cut pods off from DNS.'],
  ['dnsBlocked.onWrite', 'Action when a policy that is created or changed isolates pods without DNS.'],
  ['dnsBlocked.onDelete', 'Action when a policy that gave isolated pods their DNS is deleted.'],
  [
    'dnsBlocked.noEgressAtAll',
    'Action when a policy leaves some pods no egress at all, so that they have no use for DNS.',
  ],
  ['dnsBlocked.grace', 'How long a refusal waits for a policy that allows DNS to arrive.'],
  ['baseline', 'The policies that new namespaces get.'],
  ['baseline.template', 'Template for new namespaces, or none.'],
  ['baseline.templates', 'Templates of your own: lists of parts and of NetworkPolicy manifests, by name.'],
  [
    'baseline.existingNamespaces',
    'Whether namespaces that are older than netpol-guard get the baseline too (adopt) or not (ignore).',
  ],
  ['gate', 'Pods that are created before the baseline of their namespace is in place.'],
  ['gate.enabled', 'Whether these pods are held back. False removes the webhook for pods.'],
  ['gate.maxHold', 'Longest time after the creation of a namespace during which pods are held back.'],
  ['tls.selfSigned.caDuration', 'Lifetime of the CA certificate.'],
  ['tls.selfSigned.certificateDuration', 'Lifetime of the certificate, at most a quarter of the lifetime of the CA.'],
  ['docsBaseUrl', 'Address of the documentation that messages link to, such as a mirror of your own.'],
]);
