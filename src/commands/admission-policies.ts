import { policyObjects } from '../admission-policies/objects.ts';
import { UsageError } from '../cli/command.ts';
import type { ExitCode, Io } from '../cli/io.ts';
import type { AdmissionPoliciesOptions } from '../cli/options.ts';
import { loadConfiguration } from '../config/load.ts';
import { printableYaml } from '../manifests/text/printable-yaml.ts';
import { dnsLabelProblem } from '../objects/names.ts';

/**
 * admissionPolicies prints the policies that the API server enforces by itself under a configuration, as the chart
 * would render them. Throws UsageError or ConfigurationError.
 */
export async function admissionPolicies(options: AdmissionPoliciesOptions, io: Io): Promise<ExitCode> {
  const { namespace, serviceAccount, enforcement, isStatic, failsOpen } = options;
  demandName('--namespace', namespace);
  demandName('--service-account', serviceAccount);
  const own = { namespace, serviceAccount };
  const { settings } = await loadConfiguration(options.config, { own });
  const rendering = { own, enforcement, isStatic, creators: [], failsClosed: !failsOpen };
  const objects = policyObjects(settings, rendering);
  const documents = objects.map((object) => printableYaml(object, { aliasDuplicateObjects: false }));
  io.out(documents.join('---\n'));
  return 0;
}

function demandName(flag: string, name: string): void {
  const problem = dnsLabelProblem(name);
  if (problem !== undefined) throw new UsageError(`${flag}: ${problem}`);
}
