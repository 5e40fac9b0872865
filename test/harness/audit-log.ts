import { readFileSync } from 'node:fs';

/** AuditEvent is the part of an event of the API server's audit log that tests read. */
export interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string; readonly extra?: Readonly<Record<string, readonly string[]>> };
  readonly userAgent?: string;
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number; readonly reason?: string };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly requestURI: string;
  /** RFC 3339, with microseconds. */
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
}

/** readAuditLog reads all complete lines of an audit log. A watch has one as it begins, and another one when it ends. */
export function readAuditLog(file: string): readonly AuditEvent[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line): AuditEvent => JSON.parse(line));
}

/**
 * demandRights throws where a request of that user was one that it has no right to make. An API server that has just been
 * started refuses for a moment what it allows before and after: what was ever allowed does not count.
 */
export function demandRights(events: readonly AuditEvent[], username: string): void {
  const decided = (decision: string): readonly string[] =>
    events
      .filter(({ user }) => user.username === username)
      .filter(({ annotations }) => annotations?.['authorization.k8s.io/decision'] === decision)
      .map(({ verb, objectRef, requestURI }) => `${verb} ${objectRef?.resource ?? requestURI}`);
  const allowed = new Set(decided('allow'));
  const forbidden = new Set(decided('forbid').filter((request) => !allowed.has(request)));
  if (forbidden.size > 0) throw new Error(`no right to: ${[...forbidden].join('; ')}`);
}

const READS: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

/** isWrite holds for what may have changed something. */
export function isWrite({ verb }: AuditEvent): boolean {
  return !READS.has(verb);
}
