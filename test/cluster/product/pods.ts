import { RELEASE } from '../../e2e/harness/release.ts';
import { type Host, SELECTOR } from './install.ts';

/** GuardPod is the part of one of netpol-guard's pods that tests read. */
export interface GuardPod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime: string;
    }[];
    readonly containerStatuses: readonly {
      readonly restartCount: number;
      readonly state: { readonly running?: { readonly startedAt: string } };
    }[];
  };
}

/** guardPods lists netpol-guard's pods, those that are leaving too. */
export async function guardPods({ api }: Pick<Host, 'api'>): Promise<readonly GuardPod[]> {
  const path = `/api/v1/namespaces/${RELEASE.namespace}/pods?labelSelector=${encodeURIComponent(SELECTOR)}`;
  return (await api.get<{ items: readonly GuardPod[] }>(path)).items;
}

/** secondsToReady is the time from the start of a pod's container to its readiness. Kubernetes tells both to the second. */
export function secondsToReady({ status }: GuardPod): number {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  const started = status.containerStatuses[0]?.state.running?.startedAt;
  if (ready?.status !== 'True' || started === undefined) throw new Error('the pod is not ready');
  return (Date.parse(ready.lastTransitionTime) - Date.parse(started)) / 1000;
}
