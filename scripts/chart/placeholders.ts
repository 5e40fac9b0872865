/**
 * PLACEHOLDERS stand in the chart's files for what only a release knows; templates/_files.tpl fills them. Lists stand
 * within the quotes of their only item.
 */
export const PLACEHOLDERS = {
  namespace: '$(NAMESPACE)',
  serviceAccount: '$(SERVICE_ACCOUNT)',
  name: '$(NAME)',
  exemptNamespaces: '$(EXEMPT_NAMESPACES)',
  exemptNamespacesInCel: '$(EXEMPT_NAMESPACES_IN_CEL)',
  dnsNamespaces: '$(DNS_NAMESPACES)',
  excludedNamespacesInCel: '$(EXCLUDED_NAMESPACES_IN_CEL)',
} as const;

/** substitute puts `to` wherever `from` stands. Throws where it stands nowhere: a template would then fill nothing. */
export function substitute(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`nothing to put ${to} in the place of: no ${from.slice(0, 80)}`);
  return text.replaceAll(from, to);
}
