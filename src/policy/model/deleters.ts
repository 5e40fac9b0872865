/**
 * DELETERS are the users that delete what is in a namespace that goes, with credentials for each controller and without:
 * they are never held up, since the namespace would hang.
 */
export const DELETERS: readonly string[] = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:kube-controller-manager',
];
