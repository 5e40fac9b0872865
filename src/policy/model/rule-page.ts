/** rulePage returns the address of a rule's page, below where the docs are. */
export function rulePage(docsBaseUrl: string, rule: string): string {
  return `${docsBaseUrl}/rules/${rule}.md`;
}
