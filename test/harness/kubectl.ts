import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Result is what a person at a terminal would have seen. */
export interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** KubectlOptions are what differs from call to call. */
export interface KubectlOptions {
  /** Fed to `-f -`. */
  readonly stdin?: string;
  /** Someone to impersonate, with these groups; `undefined` is the cluster's admin. */
  readonly as?: { readonly user: string; readonly groups?: readonly string[] };
  /** The command that `kubectl edit` opens the object with. */
  readonly editor?: string;
}

/** Kubectl runs the real program and returns its output as it is, whatever its status. */
export type Kubectl = (args: readonly string[], options?: KubectlOptions) => Promise<Result>;

/** createKubectl binds the program to a kubeconfig; its discovery cache goes into `home`, never into the user's. */
export function createKubectl(program: string, kubeconfig: string, home: string): Kubectl {
  return async (args, options = {}) => {
    const groups = (options.as?.groups ?? []).map((group) => `--as-group=${group}`);
    const impersonation = options.as === undefined ? [] : [`--as=${options.as.user}`, ...groups];
    const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig, KUBE_EDITOR: options.editor };
    const child = spawn(program, [...args, ...impersonation], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const status = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    child.stdin.end(options.stdin ?? '');
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { status: await status, stdout, stderr };
  };
}
