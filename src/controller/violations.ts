import type { Cluster } from '../cluster/cluster.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Finding } from '../policy/model/finding.ts';
import type { Policy } from '../policy/model/policy.ts';
import { policyKey } from '../policy/model/policy-key.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { NamespaceFacts } from '../policy/model/snapshot.ts';
import { RULES } from '../policy/rules/index.ts';
import type { Clock } from '../runtime/clock.ts';
import type { WorkOutcome } from '../runtime/work-queue.ts';
import { KnownViolations, type Violation } from './known-violations.ts';
import type { ViolationCount } from './observer.ts';
import type { ThreadShare } from './thread-share.ts';

/** ViolationsOptions are the inputs of the search for violations. */
export interface ViolationsOptions {
  readonly cluster: Pick<Cluster, 'snapshot'>;
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly share: ThreadShare;
  /** Told of new violations of what a namespace enforces. */
  readonly onNews: (namespace: NamespaceFacts, violations: readonly Violation[]) => void;
}

/**
 * How long one namespace is judged before another one's turn: someone may create thousands of policies that take long.
 */
const SLICE_MS = 100;
const DONE: WorkOutcome = { kind: 'done' };
const NEXT_TURN: WorkOutcome = { kind: 'routine' };

/** Progress is a running audit. */
interface Progress {
  /** Judged from its end. */
  readonly left: Policy[];
  readonly found: Map<string, ViolationCount>;
  /** Of what the namespace enforces. */
  readonly violations: Violation[];
  /** Whether the namespace has changed since it began. */
  isStale: boolean;
}

/**
 * Violations judges again what is stored, soon after a namespace changed. Two changes that are judged at the same time
 * may each be right on their own; an admission may have used an outdated cache; and the webhook may not have been
 * called at all.
 */
export class Violations {
  private readonly options: ViolationsOptions;
  private readonly known: KnownViolations;
  private readonly judged = new WeakSet<Policy>();
  private news: Violation[] = [];
  private readonly underWay = new Map<string, Progress>();
  private readonly byNamespace = new Map<string, ReadonlyMap<string, ViolationCount>>();

  constructor(options: ViolationsOptions) {
    this.options = options;
    this.known = new KnownViolations(options.cluster.snapshot());
  }

  /** changed makes a running audit check new policies next, and makes another audit follow it. */
  changed(namespace: string): void {
    const progress = this.underWay.get(namespace);
    if (progress !== undefined) progress.isStale = true;
  }

  /** audit judges every policy of the namespace as if it were newly written; a large namespace takes several turns. */
  async audit(namespace: string, signal: AbortSignal): Promise<WorkOutcome> {
    const progress = this.underWay.get(namespace) ?? this.begin(namespace);
    this.underWay.set(namespace, progress);
    if (progress.isStale) this.putFirst(namespace, progress);
    const isThrough = await this.judgeSome(namespace, progress, signal);
    this.tellNews(namespace);
    if (signal.aborted) return DONE;
    if (!isThrough) return NEXT_TURN;
    this.underWay.delete(namespace);
    this.keep(namespace, progress);
    return progress.isStale ? NEXT_TURN : DONE;
  }

  /** counts returns, for every rule that is broken, by how many policies. */
  counts(): readonly ViolationCount[] {
    const counts = new Map<string, ViolationCount>();
    for (const found of this.byNamespace.values()) {
      for (const [rule, { level, count }] of found) {
        counts.set(rule, { rule, level, count: (counts.get(rule)?.count ?? 0) + count });
      }
    }
    return [...counts.values()];
  }

  /** What is new comes first: a namespace full of policies must not hide it. */
  private begin(namespace: string): Progress {
    const policies = [...this.options.cluster.snapshot().policies(namespace).all()];
    const left = [
      ...policies.filter((policy) => this.judged.has(policy)),
      ...policies.filter((policy) => !this.judged.has(policy)),
    ];
    return { left, found: new Map(), violations: [], isStale: false };
  }

  /** What came meanwhile does not wait for the rest of a large namespace. */
  private putFirst(namespace: string, { left }: Progress): void {
    const waiting = new Set(left);
    for (const policy of this.options.cluster.snapshot().policies(namespace).all()) {
      if (!this.judged.has(policy) && !waiting.has(policy)) left.push(policy);
    }
  }

  /** False if the slice or the term ended before all were judged. */
  private async judgeSome(namespace: string, progress: Progress, signal: AbortSignal): Promise<boolean> {
    const { clock, share } = this.options;
    const end = clock.elapsed() + SLICE_MS;
    for (let policy = progress.left.pop(); policy !== undefined; policy = progress.left.pop()) {
      const each = policy;
      share.work(() => this.judge(namespace, each, progress));
      await share.rest(signal);
      if (signal.aborted) return false;
      if (progress.left.length > 0 && clock.elapsed() >= end) return false;
    }
    return true;
  }

  private judge(namespace: string, after: Policy, progress: Progress): void {
    const { cluster, settings, clock } = this.options;
    const snapshot = cluster.snapshot();
    // Gone, or another one by now.
    if (snapshot.policies(namespace).get(policyKey(after.ref) ?? '') !== after) return;
    const { findings } = evaluate({ operation: 'AUDIT', namespace, after }, snapshot, settings(), clock.now());
    count(findings, progress.found);
    if (isSettled(snapshot.namespace(namespace))) this.compare(namespace, after, findings, progress);
    this.judged.add(after);
  }

  private compare(namespace: string, policy: Policy, findings: readonly Finding[], { violations }: Progress): void {
    for (const rule of enforcedRules(findings)) {
      const violation = { policy: policyKey(policy.ref) ?? '', rule };
      violations.push(violation);
      if (this.known.isNews(namespace, policy, violation)) this.news.push(violation);
    }
  }

  private tellNews(name: string): void {
    const namespace = this.options.cluster.snapshot().namespace(name);
    const news = this.news.splice(0);
    if (namespace !== undefined && news.length > 0) this.options.onNews(namespace, news);
  }

  private keep(namespace: string, { found, violations }: Progress): void {
    if (found.size === 0) this.byNamespace.delete(namespace);
    else this.byNamespace.set(namespace, found);
    const { cluster } = this.options;
    if (cluster.snapshot().policies(namespace).size === 0) this.known.forget(namespace);
    else if (isSettled(cluster.snapshot().namespace(namespace))) this.known.looked(namespace, violations);
  }
}

function count(findings: readonly Finding[], found: Map<string, ViolationCount>): void {
  for (const [rule, level] of new Map(findings.map((finding) => [finding.rule, finding.level]))) {
    found.set(rule, { rule, level, count: (found.get(rule)?.count ?? 0) + 1 });
  }
}

/**
 * What an unknown namespace enforces is unknown; in one that is being deleted, allowing policies may be removed first.
 */
function isSettled(namespace: NamespaceFacts | undefined): boolean {
  return namespace?.terminating === false;
}

const PUT_RIGHT: ReadonlySet<string> = new Set(RULES.filter((rule) => rule.isPutRight === true).map(({ id }) => id));

function enforcedRules(findings: readonly Finding[]): ReadonlySet<string> {
  const denied = findings.filter(({ effect, rule }) => effect === 'deny' && !PUT_RIGHT.has(rule));
  return new Set(denied.map(({ rule }) => rule));
}
