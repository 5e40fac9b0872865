import type { LeaderWrites } from '../cluster/cluster.ts';
import { asObject, asString, field } from '../objects/fields.ts';
import type { JsonPatchOperation } from '../objects/json-patch.ts';
import { pointerTo } from '../objects/json-pointer.ts';
import { readNetworkPolicy } from '../policy/dialects/network-policy/network-policy.ts';
import { BASELINE_LABEL, MANAGED_LABELS, PENDING, STATUS_LABEL } from '../policy/model/labels.ts';
import type { NamespaceFacts } from '../policy/model/snapshot.ts';
import type { DesiredPolicy } from '../policy/templates/desired.ts';
import { purposeAnnotation } from '../policy/templates/purpose.ts';
import type { Missing } from './adoption.ts';
import { type Action, isAsWanted } from './decide.ts';
import { standingOf } from './gather.ts';
import type { NamespaceRecord } from './memory.ts';

/** Writes are the controller's writes to the API server. */
export type Writes = Pick<LeaderWrites, 'applyPolicy' | 'deletePolicy' | 'patchNamespaceLabels'>;

/** Done is the actions that were really carried out, by name of the policy. */
export interface Done {
  label: Missing | undefined;
  readonly applied: string[];
  readonly healed: string[];
  /** Applied, but stored with another spec, or without our labels. */
  readonly altered: string[];
  readonly removed: string[];
  /** The Namespace was not as expected and must be checked again. */
  hasConflict: boolean;
}

/** nothingDone is the state before carrying out actions. */
export function nothingDone(): Done {
  return { label: undefined, applied: [], healed: [], altered: [], removed: [], hasConflict: false };
}

/** Worker carries out actions in one namespace. */
export interface Worker {
  readonly namespace: NamespaceFacts;
  readonly record: NamespaceRecord;
  readonly writes: Writes;
  readonly signal: AbortSignal;
  /** Where the documentation is read. */
  readonly docsBaseUrl: string;
  /** Milliseconds since any moment. */
  readonly elapsed: () => number;
}

/** carryOut does one action after the other and records in `done` what it did, even if it throws on the way. */
export async function carryOut(actions: readonly Action[], worker: Worker, done: Done): Promise<void> {
  for (const action of actions) {
    worker.signal.throwIfAborted();
    switch (action.kind) {
      case 'label':
        if (await patched(labelling(worker.namespace, action.label), worker, done)) done.label = action.label;
        break;
      case 'apply':
        await apply(action.policy, worker, done);
        if (action.heals) done.healed.push(action.policy.name);
        else done.applied.push(action.policy.name);
        break;
      case 'delete':
        await remove(action.name, worker, done);
        break;
      case 'release':
        if (done.altered.length === 0) await patched(releasing(worker.namespace), worker, done);
        break;
    }
  }
}

async function apply(policy: DesiredPolicy, worker: Worker, done: Done): Promise<void> {
  const { name, spec, text } = policy;
  const { namespace, record, writes, signal, docsBaseUrl, elapsed } = worker;
  const annotations = purposeAnnotation(policy, docsBaseUrl);
  const wanted = { namespace: namespace.name, name, labels: MANAGED_LABELS, annotations, spec };
  const answer = await writes.applyPolicy(wanted, signal);
  const stored = standingOf(readNetworkPolicy(answer, namespace.name));
  const metadata = asObject(field(answer, 'metadata'), 'metadata');
  const resourceVersion = asString(field(metadata, 'resourceVersion') ?? '', 'metadata.resourceVersion');
  record.answers.set(name, { wanted: text, stored, resourceVersion, at: elapsed() });
  record.foreign.delete(name);
  if (!isAsWanted(stored, text)) done.altered.push(name);
}

async function remove(name: string, { namespace, record, writes, signal }: Worker, done: Done): Promise<void> {
  const outcome = await writes.deletePolicy(namespace.name, name, signal);
  record.answers.delete(name);
  if (outcome === 'not-ours') record.foreign.add(name);
  if (outcome === 'deleted') done.removed.push(name);
}

async function patched(operations: readonly JsonPatchOperation[], worker: Worker, done: Done): Promise<boolean> {
  const outcome = await worker.writes.patchNamespaceLabels(worker.namespace.name, operations, worker.signal);
  if (outcome === 'conflict') done.hasConflict = true;
  if (outcome === 'patched') worker.record.patched = worker.namespace;
  return outcome === 'patched';
}

/** API servers treat a test for null as a test that nothing is there (evanphx/json-patch, Patch.test). */
function labelling({ uid }: NamespaceFacts, { template }: Missing): readonly JsonPatchOperation[] {
  const path = pointerTo('metadata', 'labels', BASELINE_LABEL);
  return [...sameNamespace(uid), { op: 'test', path, value: null }, { op: 'add', path, value: template }];
}

function releasing({ uid }: NamespaceFacts): readonly JsonPatchOperation[] {
  const path = pointerTo('metadata', 'labels', STATUS_LABEL);
  return [...sameNamespace(uid), { op: 'test', path, value: PENDING }, { op: 'remove', path }];
}

/** Not another one of the same name. */
function sameNamespace(uid: string | undefined): readonly JsonPatchOperation[] {
  return uid === undefined ? [] : [{ op: 'test', path: '/metadata/uid', value: uid }];
}
