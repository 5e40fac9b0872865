import { attemptsOf, type Packets, seen, told } from './claims.ts';
import type { Stage } from './stage.ts';

/** Shown is what packets did, in sentences. */
interface Shown {
  /** Before there was a policy. Where a pod then reached a target and later does not, that is the policies' doing. */
  readonly before: readonly string[];
  /** What kubectl complained of when it applied the policies. */
  readonly complaints: string;
  readonly under: readonly string[];
}

/** packetsNow are the packets that claims speak of, under what is enforced at the time. */
export async function packetsNow(stage: Stage, packets: Packets): Promise<readonly string[]> {
  return seen(await stage.attempt(attemptsOf(packets)));
}

/** packetsUnder are the packets that claims speak of, without a policy and under those given. It leaves none behind. */
export async function packetsUnder(stage: Stage, manifests: string, packets: Packets): Promise<Shown> {
  const before = await packetsNow(stage, packets);
  try {
    const { stderr: complaints } = await stage.apply(manifests);
    return { before, complaints, under: await packetsNow(stage, packets) };
  } finally {
    await stage.clear();
  }
}

/** foretold is what `packetsUnder` gives where claims hold: all is open before, and nobody complains. */
export function foretold(packets: Packets): Shown {
  return { before: allOpen(packets), complaints: '', under: told(packets) };
}

/** allOpen is what `packetsNow` gives where no policy stands. */
export function allOpen(packets: Packets): readonly string[] {
  return seen(attemptsOf(packets).map((attempt) => ({ ...attempt, outcome: 'reached' })));
}
