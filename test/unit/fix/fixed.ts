import { readConfiguration } from '../../../src/config/load.ts';
import { type Fixed, fixTexts } from '../../../src/fix/fix-texts.ts';
import { judgeBy } from '../../../src/fix/judge-texts.ts';

/** A policy up to its egress rules. */
export const EGRESS_HEAD = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
`;

/** fixFiles fixes files by the configuration given as YAML, or the defaults. */
export function fixFiles(files: Readonly<Record<string, string>>, configuration = ''): Fixed {
  const { settings } = readConfiguration(
    `apiVersion: netpol-guard.io/v1alpha1\nkind: GuardConfiguration\n${configuration}`,
    'config.yaml',
  );
  const standards = { settings, namespace: 'default', ignoreLabels: false, now: Date.UTC(2026, 0, 1) };
  return fixTexts(new Map(Object.entries(files)), judgeBy(standards));
}
