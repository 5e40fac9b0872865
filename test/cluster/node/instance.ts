import { homedir } from 'node:os';
import { join } from 'node:path';

/** Instance is a place for one cluster on this machine. Instances differ in the link to the host and in their folder. */
export interface Instance {
  /** 0 to 9. */
  readonly number: number;
  /** All of its files; goes away with `npm run cluster:down`. */
  readonly folder: string;
  /** The host's end of the link to the node. */
  readonly link: string;
  readonly hostAddress: string;
  readonly nodeAddress: string;
  /** The range of that link. */
  readonly range: string;
}

/** INSTANCE_VARIABLE chooses an instance where no `--instance` does. */
export const INSTANCE_VARIABLE = 'NETPOL_GUARD_CLUSTER_INSTANCE';

/** POD_RANGE is where the node's pods have their addresses. */
export const POD_RANGE = '10.244.0.0/24';
/** SERVICE_RANGE holds the addresses of Services. */
export const SERVICE_RANGE = '10.96.0.0/16';
/** CLUSTER_DNS is the address of the Service `kube-dns`, kubeadm's choice for that range. */
export const CLUSTER_DNS = '10.96.0.10';
/** OUTSIDE is a resolver out on the Internet, in a documentation range (RFC 5737) that such machines do not use. */
export const OUTSIDE = '198.51.100.53';
/** NODE_NAME is the one node. */
export const NODE_NAME = 'n1';

/** chooseInstance reads `--instance N`, then the environment. Throws an Error for what is no instance, or no option. */
export function chooseInstance(argv: readonly string[], env: NodeJS.ProcessEnv): Instance {
  const [option, value, ...rest] = argv;
  if (option !== undefined && (option !== '--instance' || rest.length > 0)) {
    throw new Error(`${argv.join(' ')}: no such option; say --instance N, or nothing`);
  }
  const chosen = option === undefined ? (env[INSTANCE_VARIABLE] ?? '0') : (value ?? '');
  if (!/^\d$/.test(chosen)) {
    const where = option === undefined ? INSTANCE_VARIABLE : option;
    throw new Error(`${where}: "${chosen}" is no instance; give a number from 0 to 9`);
  }
  return describeInstance(Number(chosen), env);
}

function describeInstance(number: number, env: NodeJS.ProcessEnv): Instance {
  const state = env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state');
  return {
    number,
    folder: join(state, 'netpol-guard', `cluster-${number}`),
    link: `netpol-guard${number}`,
    hostAddress: `10.99.${number}.1`,
    nodeAddress: `10.99.${number}.2`,
    range: `10.99.${number}.0/24`,
  };
}
