import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueLoopbackCertificate } from '../../src/tls/x509/loopback.ts';
import { CHART, findHelm, oneOf, type Values } from './helm.ts';

const helm = await findHelm(4);
const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-helm-test-'));
const { ca, cert, key } = await issueLoopbackCertificate(Date.now());

interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly warnings?: readonly string[];
}

/** What is answered about the policy that opens DNS to anywhere. */
let aboutBad: Answer;
let template: string;

const answers: Readonly<Record<string, () => Answer>> = {
  'helm-test-bad': () => aboutBad,
  'helm-test-good': () => ({ status: 201 }),
  'helm-test-misspelt': () => denied('admission webhook "labels.netpol-guard.io" denied the request'),
  'helm-test-new': () => ({ status: 201, body: { metadata: { labels: { 'netpol-guard.io/baseline': template } } } }),
};

/** An API server that answers what the case says. */
const server = createServer({ cert, key }, (request, response) => {
  const name = new URL(request.url ?? '', 'https://localhost').pathname.split('/').at(-1) ?? '';
  const { status, body = {}, warnings = [] } = answers[name]?.() ?? { status: 404 };
  if (warnings.length > 0)
    response.setHeader(
      'warning',
      warnings.map((one) => `299 - ${JSON.stringify(one)}`),
    );
  response.writeHead(status).end(JSON.stringify(body));
});

beforeAll(async () => {
  writeFileSync(join(folder, 'ca.crt'), ca);
  writeFileSync(join(folder, 'token'), 'token');
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const denied = (message: string): Answer => ({ status: 403, body: { message } });
const admitted = (...warnings: readonly string[]): Answer => ({ status: 201, warnings });

const byPolicy = (name: string) => `ValidatingAdmissionPolicy '${name}' with binding '${name}' denied request: no`;
const BY_WEBHOOK = denied('admission webhook "policies.netpol-guard.io" denied the request: no');
const WARNED_BY_WEBHOOK =
  'spec.egress[0] opens UDP 53 and TCP 53 to any address, so a pod can tunnel data out through any resolver there ' +
  '[dns-open-to-anywhere]';
const WARNED_BY_OPENINGS =
  "Validation failed for ValidatingAdmissionPolicy 'netpol-guard-openings' with binding 'netpol-guard-openings': " +
  'NetworkPolicy default/helm-test-bad opens a DNS port to anywhere [dns-open-to-anywhere]';

const FAILS_OPEN = { webhook: { policies: { failurePolicy: 'Ignore' } } };

async function helmTest(values: Values) {
  const pod = oneOf(helm.render(values), 'Pod') as unknown as {
    spec: { containers: readonly [{ env: readonly { name: string; value?: string }[] }] };
  };
  const expected: object = JSON.parse(pod.spec.containers[0].env.find(({ name }) => name === 'EXPECTED')?.value ?? '');
  template = 'template' in expected ? String(expected.template) : '';
  const child = spawn(process.execPath, [join(CHART, 'files/test.mjs')], {
    env: {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: String((server.address() as AddressInfo).port),
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.crt'),
      TOKEN_FILE: join(folder, 'token'),
      EXPECTED: JSON.stringify({ ...expected, patienceSeconds: 0 }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const output = await text(child.stdout);
  return { status: ((await closed) as readonly unknown[])[0], output };
}

describe('helm test', () => {
  it.each([
    ['the webhook refuses', {}, BY_WEBHOOK],
    ['the API server refuses by itself before it asks', FAILS_OPEN, denied(byPolicy('netpol-guard-openings'))],
    ['the webhook warns', { enforcement: 'warn' }, admitted(WARNED_BY_WEBHOOK)],
    ['both warn', { enforcement: 'warn' }, admitted(WARNED_BY_OPENINGS, WARNED_BY_WEBHOOK)],
    ['nobody says anything', { enforcement: 'audit' }, admitted()],
  ])('passes where it is so: %s', async (_, values, answer) => {
    aboutBad = answer;
    const { status, output } = await helmTest(values);
    expect(output.match(/^ok: /gm), output).toHaveLength(4);
    expect(status).toBe(0);
  });

  it.each([
    ['somebody else refuses', FAILS_OPEN, denied(byPolicy('of-somebody-else'))],
    ['the API server warns by itself, and the webhook does not', { enforcement: 'warn' }, admitted(WARNED_BY_OPENINGS)],
    ['who only looks is refused', { enforcement: 'audit' }, denied(byPolicy('netpol-guard-openings'))],
  ])('fails where it should not be so: %s', async (_, values, answer) => {
    aboutBad = answer;
    const { status, output } = await helmTest(values);
    expect(output).toContain('not ok: a policy that opens DNS to anywhere is');
    expect(status).toBe(1);
  });
});
