import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';

/** relay passes every connection to `server` on to an address. Where one side ends or fails, so does the other. */
export function relay(to: NetConnectOpts): Server {
  return createServer((near) => {
    const far = connect(to);
    join(near, far);
    join(far, near);
  });
}

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.destroy());
  from.on('close', () => to.destroy());
}
