import { admissionPoliciesFile } from './admission-policies-file.ts';
import { dashboardFile } from './dashboard.ts';
import { rightsFile } from './rights-file.ts';
import { valuesSchema } from './values-schema.ts';
import { namespacesFile, webhooksFile } from './webhooks-file.ts';

/** generatedFiles are those files of the chart that follow the code: paths below the chart, with their text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['files/webhooks.json', indented(JSON.parse(webhooksFile()))],
    ['files/namespaces.json', indented(JSON.parse(namespacesFile()))],
    ['files/admission-policies.json', indented(JSON.parse(admissionPoliciesFile()))],
    ['files/rights.json', indented(JSON.parse(rightsFile()))],
    ['files/dashboard.json', indented(dashboardFile())],
    ['values.schema.json', indented(valuesSchema())],
  ]);
}

function indented(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
