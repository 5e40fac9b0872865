import { createPlainServer, type PlainLimits } from './plain-server.ts';

/** HealthOptions are the inputs of the probe port. */
export interface HealthOptions {
  /** notReady names what keeps the process from being ready; empty once it is. */
  readonly notReady: () => readonly string[];
  readonly limits?: Partial<PlainLimits> | undefined;
}

/**
 * createHealthServer makes the app for the kubelet's probes; nothing else is on its port, so no other client needs it.
 */
export function createHealthServer({ notReady, limits }: HealthOptions) {
  const app = createPlainServer(limits);

  // Only about the process: a probe that checks more would kill a process under load that is only busy.
  app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'));

  app.get('/readyz', (_request, reply) => {
    const names = notReady();
    if (names.length === 0) return reply.type('text/plain').send('ok\n');
    return reply
      .code(503)
      .type('text/plain')
      .send(names.map((name) => `not ready: ${name}\n`).join(''));
  });

  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('no such path; the paths are /livez and /readyz\n'),
  );
  return app;
}
