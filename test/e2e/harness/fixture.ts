import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, inject } from 'vitest';
import { stringify } from 'yaml';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type Guard, type GuardOptions, registerWebhooks, startGuard, unregisterWebhooks } from './guard.ts';
import { createKubectl, type Kubectl, type KubectlOptions, type Result } from './kubectl.ts';
import { until } from './until.ts';

/** Fixture is what a test file works with: the cluster of the run, with a netpol-guard of its own in it. */
export interface Fixture {
  readonly kubectl: Kubectl;
  readonly api: ApiClient;
  readonly guard: Guard;
  /** Makes a namespace that no other test uses. */
  namespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  /** `kubectl apply -f -` with objects or YAML in a namespace, and more arguments. */
  apply(
    namespace: string,
    manifests: string | readonly object[],
    args?: readonly string[],
    options?: KubectlOptions,
  ): Promise<Result>;
  /** Waits for the audit event of a write to the namespace's NetworkPolicies that ended with that status code. */
  auditEvent(namespace: string, verb: string, code: number): Promise<AuditEvent>;
}

/** AuditEvent is the part of an event of the API server's audit log that tests read. */
export interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requestURI: string;
}

/** FixtureOptions are the guard's, and how the API server reaches it. */
export interface FixtureOptions extends GuardOptions {
  readonly reach?: 'url' | 'service';
}

/** useCluster gives a test file its fixture: netpol-guard starts before its tests, and is gone after them. */
export function useCluster(options: FixtureOptions = {}): Fixture {
  const cluster = inject('controlPlane');
  const kubectl = createKubectl(cluster.kubectl, cluster.kubeconfig, cluster.folder);
  const api = createApiClient(cluster.server, readFileSync(cluster.caFile, 'utf8'), cluster.admin);
  let guard: Guard | undefined;

  beforeAll(async () => {
    guard = await startGuard(cluster, kubectl, options);
    await registerWebhooks(guard, options.reach ?? 'url', kubectl, api);
  });
  afterAll(async () => {
    await unregisterWebhooks(kubectl, api);
    await guard?.process.stop('SIGKILL');
    await api.close();
  });

  return {
    kubectl,
    api,
    get guard() {
      if (guard === undefined)
        throw new Error('netpol-guard runs in tests and hooks alone, not while tests are collected');
      return guard;
    },
    namespace: async (labels = {}) => {
      const name = `case-${randomBytes(4).toString('hex')}`;
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
      const answer = await api.request('POST', '/api/v1/namespaces', object);
      if (answer.status !== 201) throw new Error(`namespace ${name}: ${JSON.stringify(answer.body)}`);
      return name;
    },
    apply: (namespace, manifests, args = [], more = {}) => {
      const stdin =
        typeof manifests === 'string' ? manifests : manifests.map((object) => stringify(object)).join('---\n');
      return kubectl(['apply', '-n', namespace, '-f', '-', ...args], { ...more, stdin });
    },
    auditEvent: (namespace, verb, code) =>
      until(`an audit event: ${verb} in ${namespace}, ${code}`, () =>
        readAuditLog(cluster.auditLog).find(
          ({ objectRef, responseStatus, ...event }) =>
            objectRef?.resource === 'networkpolicies' &&
            objectRef.namespace === namespace &&
            event.verb === verb &&
            responseStatus?.code === code,
        ),
      ),
  };
}

/** readAuditLog reads all complete events of an audit log. */
export function readAuditLog(file: string): readonly AuditEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line): AuditEvent => JSON.parse(line));
}
