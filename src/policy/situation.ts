import type { Change } from './change.ts';
import type { Settings } from './settings.ts';
import type { ClusterSnapshot } from './snapshot.ts';

/** Situation is the one change that rules look at, with the states before and after it. */
export interface Situation {
  readonly change: Change;
  readonly snapshot: ClusterSnapshot;
  readonly settings: Settings;
}
