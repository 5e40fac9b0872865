import { readFileSync } from 'node:fs';
import { admissionPoliciesFile } from './admission-policies-file.ts';
import { dashboardFile } from './dashboard.ts';
import { withDescriptions } from './descriptions.ts';
import { rightsFile } from './rights-file.ts';
import { valuesSchema } from './values-schema.ts';
import { namespacesFile, webhooksFile } from './webhooks-file.ts';

/** generatedFiles are the generated files of the chart: paths below the chart, with their text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const values = readFileSync(new URL('../../charts/netpol-guard/values.yaml', import.meta.url), 'utf8');
  return new Map([
    ['files/webhooks.json', indented(JSON.parse(webhooksFile()))],
    ['files/namespaces.json', indented(JSON.parse(namespacesFile()))],
    ['files/admission-policies.json', indented(JSON.parse(admissionPoliciesFile()))],
    ['files/rights.json', indented(JSON.parse(rightsFile()))],
    ['files/dashboard.json', indented(dashboardFile())],
    ['values.schema.json', indented(withDescriptions(valuesSchema(), values))],
  ]);
}

function indented(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
