import { UsageError } from '../../cli/command.ts';

/** Listener is an app that can listen, such as Fastify's. */
export interface Listener {
  listen(options: { readonly host: string; readonly port: number }): Promise<unknown>;
  readonly server: { address(): string | { readonly address: string; readonly port: number } | null };
}

/** Every address of both families; only IPv4 if the machine has no IPv6. */
const EVERYWHERE: readonly string[] = ['::', '0.0.0.0'];

const NO_SUCH_ADDRESS: ReadonlySet<unknown> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND']);

/** Place is where an app is to listen. */
export interface Place {
  /** Every address if absent. */
  readonly host: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** The flag that sets the port. */
  readonly flag: string;
}

/** PortTaken means that another process listens on a port. */
export class PortTaken extends UsageError {}

/** listen binds an app, and returns the resulting `HOST:PORT`. Throws PortTaken or UsageError. */
export async function listen(app: Listener, { host, port, flag }: Place): Promise<string> {
  const hosts = host === undefined ? EVERYWHERE : [host];
  for (const candidate of hosts) {
    try {
      await app.listen({ host: candidate, port });
    } catch (error) {
      if (NO_SUCH_ADDRESS.has(codeOf(error)) && candidate !== hosts.at(-1)) continue;
      throw explained(error, candidate, port, flag);
    }
    break;
  }
  const bound = app.server.address();
  if (bound === null || typeof bound === 'string') throw new Error('bound to no port');
  return `${bound.address.includes(':') ? `[${bound.address}]` : bound.address}:${bound.port}`;
}

function explained(error: unknown, host: string, port: number, flag: string): unknown {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    return new PortTaken(`port ${port} on ${host} is taken; choose another with ${flag}, or 0 for a free one`);
  }
  if (code === 'EACCES') {
    return new UsageError(`port ${port} needs more privileges than this user has; choose one above 1023 with ${flag}`);
  }
  return NO_SUCH_ADDRESS.has(code)
    ? new UsageError(`--bind-address: ${host} is not an address of this machine`)
    : error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
