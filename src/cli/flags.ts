import type { Flag } from './command.ts';

/** CONFIG_FLAG names the configuration. */
export const CONFIG_FLAG: Flag = { value: 'FILE', help: 'configuration file (default: built-in defaults)' };
/** KUBECONFIG_FLAG names a kubeconfig. */
export const KUBECONFIG_FLAG: Flag = {
  value: 'FILE',
  help: 'kubeconfig file (default: $KUBECONFIG, ~/.kube/config, in-cluster)',
};
/** CONTEXT_FLAG names a context of it. */
export const CONTEXT_FLAG: Flag = { value: 'NAME', help: 'kubeconfig context (default: its current-context)' };
/** LEVEL_FLAG is the value of `enforce` without a label. */
export const LEVEL_FLAG: Flag = {
  value: 'LEVEL',
  choices: ['standard', 'strict'],
  help: 'level for namespaces without an `enforce` label',
};
