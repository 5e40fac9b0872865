/** rulePage returns the address of a rule's page below the base address of the docs. */
export function rulePage(docsBaseUrl: string, rule: string): string {
  return `${docsBaseUrl}/rules/${rule}.md`;
}
