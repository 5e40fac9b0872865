/**
 * PLACEHOLDERS represent what only a release knows in the chart's files; templates/_files.tpl fills them. Lists are
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

/** substitute replaces every `from` by `to`. Throws if there is none: a template would then fill nothing. */
export function substitute(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`nothing to put ${to} in the place of: no ${from.slice(0, 80)}`);
  return text.replaceAll(from, to);
}
