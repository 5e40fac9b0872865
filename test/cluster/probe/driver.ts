import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Asked, OperationName, Operations, Told } from './operation.ts';

/** Probe is a probe in one pod. Many operations may be under way at once. */
export interface Probe {
  ask<Name extends OperationName>(operation: Name, ask: Operations[Name]['ask']): Promise<Operations[Name]['outcome']>;
  /** Ends the process and returns once it is gone. */
  close(): Promise<void>;
}

/** PROBE_COMMAND starts the probe where the Node image is. */
export const PROBE_COMMAND = ['node', '/probe.mjs'] as const;

/**
 * startProbe drives a probe that `spawned` runs, with pipes for its three streams: `nsenter --net=… node FILE`, or
 * `kubectl exec -i POD -- node /probe.mjs`.
 */
export function startProbe(spawned: ChildProcess): Probe {
  const { stdin, stdout, stderr } = spawned;
  if (stdin === null || stdout === null || stderr === null)
    throw new Error('a probe needs pipes for its three streams');
  const waiting = new Map<number, { resolve(said: never): void; reject(error: Error): void }>();
  const complaint = text(stderr);
  let asked = 0;
  let ended: Error | undefined;
  const end = (error: Error) => {
    ended = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const gone = new Promise<void>((resolve) => {
    spawned.once('error', (error) => {
      end(error);
      resolve();
    });
    spawned.once('close', (status) => {
      void complaint.then((words) => end(new Error(`the probe ended with status ${status}: ${words.trim()}`)));
      resolve();
    });
  });
  stdin.on('error', () => undefined);
  createInterface({ input: stdout }).on('line', (line) => {
    const told: Told = JSON.parse(line);
    const asker = waiting.get(told.id);
    waiting.delete(told.id);
    if ('fault' in told) asker?.reject(new Error(told.fault));
    else asker?.resolve(told.said as never);
  });
  return {
    ask: (operation, ask) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended);
        const line: Asked = { id: asked++, operation, ask };
        waiting.set(line.id, { resolve, reject });
        stdin.write(`${JSON.stringify(line)}\n`);
        return undefined;
      }),
    close: async () => {
      stdin.end();
      const late = setTimeout(() => spawned.kill('SIGKILL'), 2_000);
      await gone;
      clearTimeout(late);
    },
  };
}
