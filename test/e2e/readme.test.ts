import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, inject, it, onTestFinished } from 'vitest';
import { startDaemon } from '../harness/daemon.ts';
import { until } from '../harness/until.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The walk-through: commands after `$ `, each with what it prints. */
function walkThrough(): readonly { readonly command: string; readonly output: string }[] {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const block = /```\n(\$ kubectl create namespace shop\n[^`]*)```/.exec(readme)?.[1] ?? '';
  return block
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const [command = '', ...output] = step.split('\n');
      return { command, output: output.join('\n') };
    });
}

/** Ages differ, and long messages are cut in the README. */
function pattern(output: string): RegExp {
  const escaped = output.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/\d+s$/gm, String.raw`\d+s`).replaceAll('…', String.raw`[^]*`)}$`);
}

async function run(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('bash', ['-c', `${command} 2>&1`], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return text(child.stdout);
}

it('the walk-through of the README shows what it says, on the playground that it starts', async () => {
  const log = join(inject('controlPlane').folder, 'playground.log');
  const playground = startDaemon(process.execPath, [join(ROOT, 'scripts/playground.ts')], log);
  onTestFinished(() => playground.stop());
  const [, kubeconfig, path] = await until(
    'the playground',
    () => /export KUBECONFIG=(\S+) PATH=(\S+):\$PATH\n/.exec(playground.output()) ?? undefined,
    60_000,
  );
  const env = { PATH: `${path}:${process.env['PATH']}`, KUBECONFIG: kubeconfig, HOME: inject('controlPlane').folder };
  const steps = walkThrough();
  expect(steps.length).toBeGreaterThan(5);

  for (const { command, output } of steps) {
    let seen = '';
    const isRead = command.startsWith('kubectl get');
    await until(`"${command}" to print ${output}`, async () => {
      if (isRead || seen === '') seen = await run(command, env);
      return pattern(output).test(seen) ? true : undefined;
    }).catch(() => expect({ command, seen }).toEqual({ command, seen: output }));
  }
});
