/**
 * The servers that ours is measured against, as a program of its own: `bare` is node:https with a constant answer,
 * `constant` echoes the review's uid too, since the API server wants it, and `parse` is a Fastify that parses the
 * review and answers a constant.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { UID } from '../harness/admission-review.ts';

const [kind, certFile = '', keyFile = ''] = process.argv.slice(2);
const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
const answerTo = (uid: string) =>
  JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } });
const answer = answerTo(UID);
const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) };

function announce(address: AddressInfo | string | null) {
  if (address === null || typeof address === 'string') throw new Error('no port in the address of a TCP server');
  process.stdout.write(`listening on https://127.0.0.1:${address.port}\n`);
}

if (kind === 'bare' || kind === 'constant') {
  const server = createServer({ ...tls, keepAliveTimeout: 120_000 }, (request, response) => {
    if (kind === 'bare') {
      request.resume();
      response.writeHead(200, head).end(answer);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const uid = /"uid":"([^"]+)"/.exec(Buffer.concat(chunks).toString('latin1', 0, 1000))?.[1] ?? '';
      response.writeHead(200, head).end(answerTo(uid));
    });
  });
  server.listen(0, '127.0.0.1', () => announce(server.address()));
} else {
  // The others start without it, which is what a start is compared with.
  const { default: Fastify } = await import('fastify');
  const app = Fastify({ https: tls, bodyLimit: 7 * 1024 * 1024, keepAliveTimeout: 120_000 });
  app.post('/validate', (_, reply) => reply.header('content-type', 'application/json').send(answer));
  await app.listen({ host: '127.0.0.1', port: 0 });
  announce(app.server.address());
}
