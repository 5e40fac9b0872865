import type { User } from '@kubernetes/client-node/dist/config_types.js';
import { asObject, field } from '../../objects/fields.ts';
import { messageOf } from '../../objects/message-of.ts';
import { shortened } from './shortened.ts';

/** pluginProblem says in a sentence why a user's plugin or token file gave no credentials, and what to do. */
export function pluginProblem(user: User, error: unknown): string {
  const exec = asObject(user.exec, 'exec');
  const command = field(exec, 'command');
  if (typeof command !== 'string') {
    return `user "${user.name}" has no token: ${shortened(messageOf(error))}; log in again, or correct the kubeconfig`;
  }
  const plugin = `the exec plugin "${command}" of user "${user.name}"`;
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    const hint = field(exec, 'installHint');
    const todo = typeof hint === 'string' ? shortened(hint) : 'install it, or name another context with --context';
    return `${plugin} is not installed, or not on the PATH; ${todo}`;
  }
  // What it printed is no JSON, or has no status.
  if (error instanceof SyntaxError || error instanceof TypeError) {
    return `${plugin} did not print an ExecCredential with a status; run it by hand to see what it prints`;
  }
  const said = shortened(messageOf(error));
  return `${plugin} failed${said === '' ? ' and said nothing' : `: ${said}`}; log in again, or run it by hand`;
}
