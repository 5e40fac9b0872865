import { setTimeout as pause } from 'node:timers/promises';

/** Looking is what looks at a cluster again and again. */
export interface Looking {
  /** stop returns when the last look is over. */
  stop(): Promise<void>;
}

/** startLooking returns after the first look, and looks again after each pause. */
export async function startLooking(look: () => Promise<void>, pauseMs: number): Promise<Looking> {
  let isStopped = false;
  await look();
  const looking = (async () => {
    while (!isStopped) {
      await pause(pauseMs);
      await look();
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await looking;
    },
  };
}
