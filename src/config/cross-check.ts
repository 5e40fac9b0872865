import { didYouMean } from '../objects/did-you-mean.ts';
import { checked } from '../objects/faults.ts';
import type { FieldPath } from '../objects/field-path.ts';
import { show } from '../objects/problem.ts';
import { readLabelSelector } from '../policy/dialects/network-policy/label-selector.ts';
import type { DnsServer } from '../policy/model/dns-server.ts';
import { NO_TEMPLATE } from '../policy/model/labels.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { GuardConfiguration } from './configuration.ts';
import { type Fault, faultAt } from './problem.ts';
import { templateRuleFaults } from './template-rules.ts';

/** crossCheck finds values that are well-formed but do not make sense together. */
export function crossCheck({ baseline, dns }: GuardConfiguration, settings: Settings): readonly Fault[] {
  const faults: Fault[] = [];
  const add = (segments: FieldPath, message: string) => faults.push(faultAt(segments, message));

  const templates = [NO_TEMPLATE, ...settings.baseline.templates.keys()];
  if (!templates.includes(baseline.template)) {
    const help = didYouMean(baseline.template, templates, `known: ${templates.join(', ')}`);
    add(['baseline', 'template'], `${show(baseline.template)} is not a template; ${help}`);
  }

  for (const [i, server] of dns.servers.entries()) {
    for (const key of ['namespaceSelector', 'podSelector'] as const) {
      const { problems } = checked((faults) => readLabelSelector(server[key], key, faults));
      for (const { path, message } of problems) {
        faults.push({ segments: ['dns', 'servers', i, key], path: `dns.servers[${i}].${path}`, message });
      }
    }
  }

  const compiled = settings.dns.servers.slice(settings.dns.servers.length - dns.servers.length);
  for (const [i, server] of compiled.entries()) {
    const fault = emptyOrEverything(server);
    if (fault !== undefined) add(['dns', 'servers', i], fault);
  }
  // Rules only judge templates without other faults.
  return faults.length > 0 ? faults : templateRuleFaults(settings, Object.keys(baseline.templates));
}

function emptyOrEverything(server: DnsServer): string | undefined {
  if (server.kind === 'addresses') return undefined;
  if (server.namespaces.isEmpty || server.pods.isEmpty) return 'selects no pod; its requirements contradict each other';
  if (server.namespaces.isEverything && server.pods.isEverything) {
    return 'selects every pod of the cluster; say which are the DNS servers';
  }
  return undefined;
}
