import { join } from 'node:path';
import { pinned, runToEnd, type Server, startServer } from '../process.ts';
import { clusterArguments, type Setting, untilReady, writeKubeconfig, writePolicies } from '../setting.ts';
import { SmallCluster } from '../small-cluster.ts';
import { firstAnswer } from '../startup.ts';
import type { Build, Contest } from './builds.ts';
import type { Comparison } from './comparison.ts';
import type { Figure } from './figure.ts';

const POLICIES = 1_000;

/** compareStartup starts both by turns, beside a bare server, each until its first answer. */
export async function compareStartup(setting: Setting, { before, now, rounds }: Contest): Promise<Comparison> {
  const cluster = new SmallCluster(1, 1);
  const kubeconfig = writeKubeconfig(setting, await cluster.start());
  const baseline = join(import.meta.dirname, '../baseline-server.ts');
  const started = (args: readonly string[], isUp: (server: Server) => Promise<void>) =>
    milliseconds(async () => {
      const server = await startServer(args);
      return { done: isUp(server).then(() => firstAnswer(server.url, setting.body)), after: server.stop };
    });
  const ours = ({ program }: Build) => started(clusterArguments(setting, kubeconfig, program), untilReady);
  try {
    const figure = await byTurns(rounds, {
      ceiling: () => started([baseline, 'bare', setting.certFile, setting.keyFile], async () => {}),
      before: () => ours(before),
      now: () => ours(now),
    });
    return { name: 'startup', figures: [{ name: 'start to first answer', ...figure }], unpaired: [] };
  } finally {
    cluster.stop();
  }
}

/** compareLint runs the linter of both over a folder by turns, beside a Node that does nothing. */
export async function compareLint(setting: Setting, { before, now, rounds }: Contest): Promise<Comparison> {
  const folder = writePolicies(setting, POLICIES);
  const ended = (args: readonly string[]) => {
    const [program, ...rest] = pinned('server', [process.execPath, ...args]);
    return milliseconds(async () => ({ done: runToEnd(program, rest) }));
  };
  const figure = await byTurns(rounds, {
    ceiling: () => ended(['--eval', '']),
    before: () => ended([before.program, 'lint', folder]),
    now: () => ended([now.program, 'lint', folder]),
  });
  const name = `lint of ${POLICIES.toLocaleString('en')} policies`;
  return { name: 'lint', figures: [{ name, ...figure }], unpaired: [] };
}

type Turns = Pick<Figure, 'ceiling' | 'before' | 'now'>;

/** byTurns measures all three again and again, after a round that does not count. */
async function byTurns(
  rounds: number,
  measure: Readonly<Record<keyof Turns, () => Promise<number>>>,
): Promise<Turns & Pick<Figure, 'unit' | 'better'>> {
  const values = { ceiling: [] as number[], before: [] as number[], now: [] as number[] };
  for (let n = -1; n < rounds; n += 1) {
    for (const which of ['ceiling', 'before', 'now'] as const) {
      const value = await measure[which]();
      if (n >= 0) values[which].push(value);
    }
  }
  return { unit: 'ms', better: 'less', ...values };
}

/** milliseconds times a process until what it was started for is done; what is left of it ends after that. */
async function milliseconds(
  begin: () => Promise<{ readonly done: Promise<unknown>; readonly after?: () => Promise<void> }>,
): Promise<number> {
  const started = performance.now();
  const { done, after } = await begin();
  try {
    await done;
    return performance.now() - started;
  } finally {
    await after?.();
  }
}
