import type { AuditEvent } from '../../harness/audit-log.ts';
import { DEFAULT_POLICIES } from '../../harness/baseline.ts';

/** Birth is when the audit log says that a namespace's policies and its first pod were stored: RFC 3339. */
export interface Birth {
  /** By name. */
  readonly policies: Readonly<Record<string, string>>;
  readonly pod: string | undefined;
}

/** birthsOf reads the births of namespaces from an audit log: when the API server had answered for what it stored. */
export function birthsOf(events: readonly AuditEvent[], names: readonly string[]): ReadonlyMap<string, Birth> {
  const births = new Map<string, { policies: Record<string, string>; pod: string | undefined }>(
    names.map((name) => [name, { policies: {}, pod: undefined }]),
  );
  for (const event of events.filter(hasStored)) {
    const { objectRef = {}, stageTimestamp } = event;
    const birth = births.get(objectRef.namespace ?? '');
    if (birth === undefined) continue;
    const { resource, name = '' } = objectRef;
    if (resource === 'networkpolicies') birth.policies[name] ??= stageTimestamp;
    if (resource === 'pods') birth.pod ??= stageTimestamp;
  }
  return births;
}

function hasStored({ responseStatus, requestURI }: AuditEvent): boolean {
  return responseStatus?.code === 201 && !requestURI.includes('dryRun=');
}

/** isBeforeBaseline holds for a birth whose pod was stored before both policies of the template default-deny. */
export function isBeforeBaseline({ policies, pod }: Birth): boolean {
  return Object.keys(DEFAULT_POLICIES).some((name) => {
    const stored = policies[name];
    return stored === undefined || pod === undefined || pod < stored;
  });
}
