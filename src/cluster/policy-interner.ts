import type { AllowRule, Peer, Policy } from '../policy/model.ts';
import { asObject, field, type Json } from '../policy/readers/shape.ts';
import type { LabelSelector } from '../sets/label-selector.ts';

/** Parts of one sort remembered at a time; when there are more, all are forgotten, and what comes next is remembered anew. */
const MOST_PIECES = 10_000;
/** Longer parts seldom repeat, and their keys would cost more than they save. */
const LONGEST_KEY = 600;

/**
 * PolicyInterner lets compiled policies share their equal parts. Thousands of namespaces hold the same few policies
 * under other names, so this more than halves what a cluster's policies take. Parts are known to be equal by the
 * JSON that they were compiled from.
 */
export class PolicyInterner {
  private readonly subjects = new Interner<LabelSelector>();
  private readonly ruleLists = new Interner<readonly AllowRule[]>();
  private readonly allowRules = new Interner<AllowRule>();
  private readonly ports = new Interner<Pick<AllowRule, 'ports' | 'entries'>>();
  private readonly allowPeers = new Interner<Peer>();
  private readonly texts = new Interner<string>();

  /** intern returns the policy with parts that others have too; `json` is what it was compiled from. */
  intern(policy: Policy, json: Json): Policy {
    const spec = asObject(field(json, 'spec'), 'spec');
    return {
      ref: { ...policy.ref, apiVersion: this.text(policy.ref.apiVersion), namespace: this.text(policy.ref.namespace) },
      subject: this.subjects.share('', field(spec, 'podSelector'), () => policy.subject),
      isolatesEgress: policy.isolatesEgress,
      isolatesIngress: policy.isolatesIngress,
      egress: this.rules(policy.egress, field(spec, 'egress'), 'to'),
      ingress: this.rules(policy.ingress, field(spec, 'ingress'), 'from'),
      ignoredEgress: this.rules(policy.ignoredEgress, field(spec, 'egress'), 'to'),
      deleting: policy.deleting,
      ...(policy.managed && { managed: { ...policy.managed, text: this.text(policy.managed.text) } }),
    };
  }

  private rules(rules: readonly AllowRule[], json: unknown, peersField: 'from' | 'to'): readonly AllowRule[] {
    if (rules.length === 0 || !Array.isArray(json)) return rules;
    return this.ruleLists.share(peersField, json, () => rules.map((rule, i) => this.rule(rule, json[i], peersField)));
  }

  private rule(rule: AllowRule, json: unknown, peersField: 'from' | 'to'): AllowRule {
    return this.allowRules.share(rule.path, json, () => {
      const raw = asObject(json, rule.path);
      const { ports, entries } = this.ports.share(rule.path, field(raw, 'ports'), () => ({
        ports: rule.ports,
        entries: rule.entries,
      }));
      return { path: this.text(rule.path), peers: this.peers(rule.peers, field(raw, peersField)), ports, entries };
    });
  }

  private peers(peers: AllowRule['peers'], json: unknown): AllowRule['peers'] {
    if (peers === 'any' || !Array.isArray(json)) return peers;
    return peers.map((peer, i) =>
      this.allowPeers.share(peer.path, json[i], () => ({ ...peer, path: this.text(peer.path) })),
    );
  }

  private text(text: string): string {
    return this.texts.share('', text, () => text);
  }
}

/** Interner gives out the value made first for the same JSON in the same place. */
class Interner<T> {
  private readonly known = new Map<string, T>();

  share(place: string, json: unknown, make: () => T): T {
    const key = `${place} ${JSON.stringify(json)}`;
    if (key.length > LONGEST_KEY) return make();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (this.known.size >= MOST_PIECES) this.known.clear();
    const made = make();
    this.known.set(key, made);
    return made;
  }
}
