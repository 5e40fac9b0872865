import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { text } from 'node:stream/consumers';
import { createAuthority } from './pki.ts';

/** LabelWebhook is somebody else's mutating webhook: it gives new namespaces its own labels, and no others. */
export interface LabelWebhook {
  /** To be applied. Its name sorts behind netpol-guard's, so that it is called later. */
  readonly configuration: object;
  stop(): Promise<void>;
}

/** startLabelWebhook serves until it is stopped. It replaces all labels of the namespaces that carry `replace-labels`. */
export async function startLabelWebhook(folder: string): Promise<LabelWebhook> {
  const authority = createAuthority(folder, `labels-ca-${randomBytes(4).toString('hex')}`);
  const pair = authority.issue(`labels-${randomBytes(4).toString('hex')}`, {
    commonName: 'labels',
    names: ['IP:127.0.0.1'],
  });
  const operations = [{ op: 'replace', path: '/metadata/labels', value: { replaced: 'yes' } }];
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  const tls = { cert: readFileSync(pair.certFile), key: readFileSync(pair.keyFile) };
  const server = createServer(tls, async (request, response) => {
    const { request: review } = JSON.parse(await text(request));
    const answer = { uid: review.uid, allowed: true, patch, patchType: 'JSONPatch' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer }));
  });
  const port = await listening(server);
  return {
    configuration: {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'zz-labels' },
      webhooks: [
        {
          name: 'labels.example.com',
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'], operations: ['CREATE'] }],
          objectSelector: { matchLabels: { 'replace-labels': 'yes' } },
          clientConfig: {
            url: `https://127.0.0.1:${port}/`,
            caBundle: Buffer.from(authority.pem).toString('base64'),
          },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
        },
      ],
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the server listens on no port'));
    });
  });
}
