import type { Modes } from './settings.ts';

/** NAMESPACE_NAME is the label that holds the name of a namespace: the API server sets it, and it cannot be changed. */
export const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** LABEL_PREFIX begins every label of netpol-guard. */
export const LABEL_PREFIX = 'netpol-guard.io/';

/** MODE_LABELS are the namespace labels that set a mode, as Pod Security Admission's do. */
export const MODE_LABELS: Readonly<Record<keyof Modes, string>> = {
  enforce: `${LABEL_PREFIX}enforce`,
  warn: `${LABEL_PREFIX}warn`,
  audit: `${LABEL_PREFIX}audit`,
};

/** BASELINE_LABEL on a Namespace names the template whose policies it gets; NO_TEMPLATE opts out. */
export const BASELINE_LABEL = `${LABEL_PREFIX}baseline`;
/** NO_TEMPLATE is the value of BASELINE_LABEL that asks for no policies. */
export const NO_TEMPLATE = 'none';

/** STATUS_LABEL on a Namespace holds pods back while it is PENDING; only netpol-guard changes it. */
export const STATUS_LABEL = `${LABEL_PREFIX}baseline-status`;
/** PENDING is the value of STATUS_LABEL until the baseline is in place. */
export const PENDING = 'pending';

/** MANAGED_LABELS are on every policy that netpol-guard applies. */
export const MANAGED_LABELS: Readonly<Record<string, string>> = { 'app.kubernetes.io/managed-by': 'netpol-guard' };

/** MANAGED_LABEL_TEXT is their form in YAML. */
export const MANAGED_LABEL_TEXT: string = Object.entries(MANAGED_LABELS)
  .map(([key, value]) => `${key}: ${value}`)
  .join(', ');

/** PURPOSE_ANNOTATION on a policy of the baseline holds its purpose. */
export const PURPOSE_ANNOTATION = `${LABEL_PREFIX}purpose`;

/** FIELD_MANAGER is the manager that the API server records for the fields that netpol-guard applies. */
export const FIELD_MANAGER = 'netpol-guard';

/** MANAGED_PREFIX is reserved: policies with this prefix belong to netpol-guard, whatever their labels. */
export const MANAGED_PREFIX = 'netpol-guard-';
