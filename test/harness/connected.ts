import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import type { ControlPlaneAddress } from './address.ts';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type AuditEvent, readAuditLog } from './audit-log.ts';
import { createKubectl, type Kubectl, type KubectlOptions, type Result } from './kubectl.ts';
import { until } from './until.ts';

/** Connected is a cluster in the hands of its admin. */
export interface Connected {
  readonly address: ControlPlaneAddress;
  readonly kubectl: Kubectl;
  readonly api: ApiClient;
  /** The same, as a user whom configurations may exempt. */
  readonly breakglass: ApiClient;
  /** The same, as anybody. */
  clientOf(user: string, groups?: readonly string[]): ApiClient;
  /** Makes a namespace that no other test uses. */
  namespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  /** `kubectl apply -f -` with objects or YAML in a namespace, and more arguments. */
  apply(
    namespace: string,
    manifests: string | readonly object[],
    args?: readonly string[],
    options?: KubectlOptions,
  ): Promise<Result>;
  /** All that was asked of the API server, ended requests alone. */
  auditLog(): readonly AuditEvent[];
  /** Waits for the audit event of a write to the namespace's NetworkPolicies that ended with that status code. */
  auditEvent(namespace: string, verb: string, code: number): Promise<AuditEvent>;
  close(): Promise<void>;
}

/** BREAKGLASS is a user for configurations to exempt. */
export const BREAKGLASS = { user: 'breakglass', groups: ['system:masters'] };

/** connect gives a cluster to work with, as its admin. */
export function connect(address: ControlPlaneAddress): Connected {
  const kubectl = createKubectl(address.kubectl, address.kubeconfig, address.folder);
  const ca = readFileSync(address.caFile, 'utf8');
  const api = createApiClient(address.server, ca, address.admin);
  const breakglass = createApiClient(address.server, ca, address.admin, BREAKGLASS);
  const others: ApiClient[] = [];
  const auditLog = () => readAuditLog(address.auditLog);
  return {
    address,
    kubectl,
    api,
    breakglass,
    clientOf: (user, groups = []) => {
      const client = createApiClient(address.server, ca, address.admin, { user, groups });
      others.push(client);
      return client;
    },
    auditLog,
    close: async () => {
      await Promise.all([api, breakglass, ...others].map((client) => client.close()));
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
        auditLog().find(
          ({ objectRef, responseStatus, ...event }) =>
            objectRef?.resource === 'networkpolicies' &&
            objectRef.namespace === namespace &&
            event.verb === verb &&
            responseStatus?.code === code,
        ),
      ),
  };
}
