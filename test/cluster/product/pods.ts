import { RELEASE } from '../../harness/release.ts';
import { until } from '../../harness/until.ts';
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

/** untilReadyAnew waits until all three replicas are ready in containers that were started since then (a time in milliseconds). */
export async function untilReadyAnew(host: Pick<Host, 'api'>, since: number): Promise<void> {
  const isReadyAnew = ({ status }: GuardPod) => {
    const started = Date.parse(status.containerStatuses[0]?.state.running?.startedAt ?? '');
    // Kubernetes cuts times down to the second.
    return started >= since - 1000 && status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
  };
  const ready = async () => (await guardPods(host)).filter(isReadyAnew).length === 3;
  await until('netpol-guard to be ready again', async () => ((await ready()) ? true : undefined), 180_000);
}
