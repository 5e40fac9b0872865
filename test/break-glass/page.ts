import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ControlPlaneAddress } from '../harness/address.ts';
import { until } from '../harness/until.ts';
import { pageBlocks } from './blocks.ts';

const PAGE = join(import.meta.dirname, '../../docs/break-glass.md');

/** Said is what a person at a terminal would have read, both streams in one. */
export interface Said {
  readonly status: number | null;
  readonly output: string;
}

/** BreakGlass is docs/break-glass.md in the hands of an admin with a shell. */
export interface BreakGlass {
  /** Runs the commands below a heading, the first block of them unless another one is named, whatever comes of them. */
  try(heading: string, block?: number): Promise<Said>;
  /** The same, where each of them has to succeed. Returns what they print. */
  run(heading: string, block?: number): Promise<string>;
  /** Runs them again and again until they succeed and print what a condition asks for. */
  runUntil(heading: string, isSo: (output: string) => boolean): Promise<void>;
  /** What the page says is seen, as a pattern: `…` stands for anything. */
  shown(heading: string, block?: number): RegExp;
  /** Commands that were not run, and output that was compared with nothing. */
  untouched(): readonly string[];
}

/**
 * openBreakGlass reads the page. kubectl is the cluster's own, `programs` are folders of others. Files that the commands write
 * are in a folder of their own.
 */
export function openBreakGlass(
  { kubeconfig, kubectl, folder }: Pick<ControlPlaneAddress, 'kubeconfig' | 'kubectl' | 'folder'>,
  ...programs: readonly string[]
): BreakGlass {
  const blocks = pageBlocks(readFileSync(PAGE, 'utf8'));
  const left = new Set(blocks);
  const cwd = mkdtempSync(join(tmpdir(), 'netpol-guard-break-glass-'));
  const path = [...programs, dirname(kubectl), process.env['PATH']].join(delimiter);
  const env = { PATH: path, HOME: folder, KUBECONFIG: kubeconfig };

  const touch = (isShown: boolean, heading: string, block: number): string => {
    const found = blocks.filter((one) => one.heading === heading && one.isShown === isShown)[block];
    if (found === undefined) throw new Error(`${PAGE}: no block ${block} below "${heading}"`);
    left.delete(found);
    return found.text;
  };
  const shell = async (options: readonly string[], script: string): Promise<Said> => {
    const child = spawn('bash', [...options, '-c', `exec 2>&1\n${script}`], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { output: await text(child.stdout), status: await ended };
  };
  const strictly = (heading: string, block: number) => shell(['-e', '-o', 'pipefail'], touch(false, heading, block));
  return {
    try: (heading, block = 0) => shell([], touch(false, heading, block)),
    run: async (heading, block = 0) => {
      const { status, output } = await strictly(heading, block);
      if (status !== 0) throw new Error(`"${heading}" ends with status ${status}:\n${output}`);
      return output;
    },
    runUntil: async (heading, isSo) => {
      let last = '';
      await until(
        `the commands of "${heading}"`,
        async () => {
          const { status, output } = await strictly(heading, 0);
          last = output;
          return status === 0 && isSo(output) ? true : undefined;
        },
        120_000,
      ).catch((cause: unknown) => {
        throw new Error(last, { cause });
      });
    },
    shown: (heading, block = 0) => {
      const escaped = touch(true, heading, block)
        .trim()
        .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      return new RegExp(escaped.replaceAll(/\s*…\s*/g, '[^]*'));
    },
    untouched: () => [...left].map(({ heading, text }) => `${heading}: ${text}`),
  };
}
