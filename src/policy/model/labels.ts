/** LABEL_PREFIX begins every label of ours. */
export const LABEL_PREFIX = 'netpol-guard.io/';

/** BASELINE_LABEL on a Namespace names the template whose policies it gets; NO_TEMPLATE opts out. */
export const BASELINE_LABEL = `${LABEL_PREFIX}baseline`;
export const NO_TEMPLATE = 'none';

/** STATUS_LABEL on a Namespace holds pods back while it is PENDING; netpol-guard alone changes it. */
export const STATUS_LABEL = `${LABEL_PREFIX}baseline-status`;
export const PENDING = 'pending';

/** MANAGED_LABELS are on every policy that netpol-guard applies. */
export const MANAGED_LABELS: Readonly<Record<string, string>> = { 'app.kubernetes.io/managed-by': 'netpol-guard' };

/** FIELD_MANAGER is who the API server says wrote the fields that netpol-guard applies. */
export const FIELD_MANAGER = 'netpol-guard';

/** MANAGED_PREFIX is reserved: policies so named are netpol-guard's, whatever their labels. */
export const MANAGED_PREFIX = 'netpol-guard-';
