import type { Io } from '../../cli/io.ts';
import type { Connection } from '../../cluster/cluster.ts';
import { printable } from '../../objects/printable.ts';
import type { ConnectOptions } from './connect.ts';

/** tellCluster prints which cluster is used if the command line names none: the user may have meant another context. */
export function tellCluster(
  { kubeconfig, context }: Pick<ConnectOptions, 'kubeconfig' | 'context'>,
  { origin }: Pick<Connection, 'origin'>,
  io: Pick<Io, 'err'>,
): void {
  if (kubeconfig === undefined && context === undefined) io.err(`netpol-guard: using ${printable(origin)}\n`);
}
