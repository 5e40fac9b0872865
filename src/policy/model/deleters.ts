/**
 * DELETERS are the users that delete the contents of a deleted namespace, with and without credentials for each
 * controller. They are never blocked, since the deletion of the namespace would hang.
 */
export const DELETERS: readonly string[] = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:kube-controller-manager',
];
