import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { freePort } from './daemon.ts';

/** Balancer is what a Service is to the API server: one address for the replicas that are ready. */
export interface Balancer {
  readonly port: number;
  /** Connections to ports that are no longer among them are cut. */
  route(ports: readonly number[]): void;
  /** New connections go to these ports; those that are open stay, as behind a Service. */
  steer(ports: readonly number[]): void;
  close(): void;
}

/** startBalancer passes each connection on to the next of its ports; to one that accepts none, and so on. */
export async function startBalancer(): Promise<Balancer> {
  const open = new Map<Socket, number>();
  let ports: readonly number[] = [];
  let turn = 0;
  const server = createServer((client) => {
    client.on('error', () => client.destroy());
    turn += 1;
    dial(client, [...ports.slice(turn % ports.length), ...ports.slice(0, turn % ports.length)]);
  });
  const dial = (client: Socket, [port, ...others]: readonly number[]): void => {
    if (port === undefined) {
      client.destroy();
      return;
    }
    const upstream = connect(port, '127.0.0.1', () => {
      open.set(client, port);
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => (open.has(client) ? client.destroy() : dial(client, others)));
    upstream.on('close', () => open.has(client) && client.destroy());
    client.on('close', () => {
      open.delete(client);
      upstream.destroy();
    });
  };
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port,
    route: (now) => {
      ports = now;
      for (const [client, port] of open) if (!now.includes(port)) client.destroy();
    },
    steer: (now) => {
      ports = now;
    },
    close: () => {
      for (const client of open.keys()) client.destroy();
      server.close();
    },
  };
}
