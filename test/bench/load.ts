import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pinned, succeeds } from './process.ts';
import type { Setting } from './setting.ts';

const execute = promisify(execFile);
const CONNECTIONS = 16;

/** wrk where it is installed (it needs less of the load's core), else autocannon. */
export const TOOL: 'wrk' | 'autocannon' = succeeds('sh', ['-c', 'command -v wrk']) ? 'wrk' : 'autocannon';

/** Slice is what one second of load came to. */
export interface Slice {
  readonly requests: number;
  readonly seconds: number;
}

/** drive posts the review as fast as the server answers, over kept connections. Throws where an answer was no success. */
export async function drive(setting: Setting, url: string, seconds: number): Promise<Slice> {
  return TOOL === 'wrk' ? driveWrk(setting, url, seconds) : driveAutocannon(setting, url, seconds);
}

async function driveWrk(setting: Setting, url: string, seconds: number): Promise<Slice> {
  const script = join(setting.folder, 'post.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
local file = io.open("${setting.bodyFile}", "rb")
wrk.body = file:read("*a")
function done(summary)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d\\n", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
`,
  );
  const args = ['wrk', '-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, `${url}/validate`];
  const [program, ...rest] = pinned('load', args);
  const { stdout } = await execute(program, rest);
  const [, requests, microseconds, errors] = /^RESULT (\d+) (\d+) (\d+)$/m.exec(stdout) ?? [];
  return checked({ requests: Number(requests), seconds: Number(microseconds) / 1e6 }, Number(errors), url);
}

async function driveAutocannon(setting: Setting, url: string, seconds: number): Promise<Slice> {
  const program = fileURLToPath(import.meta.resolve('autocannon'));
  const options = ['-j', '-n', '-c', `${CONNECTIONS}`, '-d', `${seconds}`, '-m', 'POST'];
  const content = ['-H', 'content-type=application/json', '-i', setting.bodyFile, `${url}/validate`];
  const [command, ...args] = pinned('load', [process.execPath, program, ...options, ...content]);
  const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_NO_WARNINGS: '1' };
  const { stdout } = await execute(command, args, { env });
  const result: { '2xx': number; non2xx: number; errors: number; duration: number } = JSON.parse(stdout);
  return checked({ requests: result['2xx'], seconds: result.duration }, result.non2xx + result.errors, url);
}

function checked(slice: Slice, errors: number, url: string): Slice {
  if (!(slice.requests > 0) || errors !== 0) {
    throw new Error(`${url}: ${slice.requests} answers and ${errors} errors: this measures nothing`);
  }
  return slice;
}
