import type { AllowRule, Peer, Policy, PortEntry } from '../../policy/model/policy.ts';
import type { LabelSelector } from '../../sets/label-selector.ts';

/**
 * The most characters of keys to remember of one sort; beyond it all are forgotten, and remembering starts again.
 * Remembered parts outlive their policies, so it must be little: a part takes some twelve bytes for each character of
 * its key (an ipBlock 260 bytes for 30), so six sorts take at most 20 MB, whatever tenants make up.
 */
const MOST_CHARACTERS = 256 * 1024;
/** Longer parts seldom repeat, and their keys would cost more than they save. */
const LONGEST_KEY = 600;
/** The same holds for lists of more items, whose keys are not even built. */
const LONGEST_LIST = 40;

/**
 * PolicyInterner lets compiled policies share their equal parts. Thousands of namespaces hold the same few policies
 * under other names, so this more than halves what a cluster's policies take. Parts are known to be equal by a text of
 * all that they hold, their places included.
 */
export class PolicyInterner {
  private readonly subjects = new Interner<LabelSelector>();
  private readonly ruleLists = new Interner<readonly AllowRule[]>();
  private readonly allowRules = new Interner<AllowRule>();
  private readonly ports = new Interner<Pick<AllowRule, 'ports' | 'entries'>>();
  private readonly allowPeers = new Interner<Peer>();
  private readonly texts = new Interner<string>();

  /** intern returns the policy with parts that others have too. */
  intern(policy: Policy): Policy {
    return {
      ...policy,
      ref: { ...policy.ref, apiVersion: this.text(policy.ref.apiVersion), namespace: this.text(policy.ref.namespace) },
      subject: this.subjects.share(selectorParts(policy.subject), () => policy.subject),
      egress: this.rules(policy.egress),
      ingress: this.rules(policy.ingress),
      ignoredEgress: this.rules(policy.ignoredEgress),
      managed: policy.managed && { ...policy.managed, text: this.text(policy.managed.text) },
    };
  }

  private rules(rules: readonly AllowRule[]): readonly AllowRule[] {
    return this.ruleLists.share(listParts(rules, ruleParts), () => rules.map((rule) => this.rule(rule)));
  }

  private rule(rule: AllowRule): AllowRule {
    return this.allowRules.share(ruleParts(rule), () => ({
      path: this.text(rule.path),
      peers: rule.peers === 'any' ? 'any' : rule.peers.map((peer) => this.peer(peer)),
      ...this.ports.share(listParts(rule.entries, entryParts), () => ({ ports: rule.ports, entries: rule.entries })),
    }));
  }

  private peer(peer: Peer): Peer {
    return this.allowPeers.share(peerParts(peer), () => ({ ...peer, path: this.text(peer.path) }));
  }

  private text(text: string): string {
    return this.texts.share(text, () => text);
  }
}

/** Parts are all that a value holds, to be written as JSON; undefined where that would be too long to be worth while. */
type Parts = string | readonly unknown[] | undefined;

/** Interner gives out the value made first for the same parts. */
class Interner<T> {
  private readonly known = new Map<string, T>();
  private characters = 0;

  share(parts: Parts, make: () => T): T {
    const key = typeof parts === 'string' ? parts : JSON.stringify(parts);
    if (key === undefined || key.length > LONGEST_KEY) return make();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    if (this.characters >= MOST_CHARACTERS) {
      this.known.clear();
      this.characters = 0;
    }
    const made = make();
    this.known.set(key, made);
    this.characters += key.length;
    return made;
  }
}

function listParts<T>(items: readonly T[], partsOf: (item: T) => Parts): Parts {
  if (items.length > LONGEST_LIST) return undefined;
  const parts = items.map(partsOf);
  return parts.includes(undefined) ? undefined : parts;
}

function ruleParts({ path, peers, entries }: AllowRule): Parts {
  const who = peers === 'any' ? peers : listParts(peers, peerParts);
  const what = listParts(entries, entryParts);
  return who === undefined || what === undefined ? undefined : [path, who, what];
}

/** A name is another key: the port named `53` is none of number 53. */
function entryParts({ path, ports, text }: PortEntry): Parts {
  const { UDP, TCP, SCTP } = ports.names;
  return [path, text, UDP.length + TCP.length + SCTP.length];
}

function peerParts(peer: Peer): Parts {
  if (peer.kind === 'addresses') {
    const { v4, v6 } = peer.addresses;
    if (v4.bounds.length + v6.bounds.length > LONGEST_LIST) return undefined;
    return [peer.path, peer.cidr, v4.bounds, v6.bounds.join()];
  }
  const namespaces = peer.namespaces === 'own' ? peer.namespaces : selectorParts(peer.namespaces);
  const pods = selectorParts(peer.pods);
  return namespaces === undefined || pods === undefined ? undefined : [peer.path, namespaces, pods];
}

/** The order of keys and values counts, since messages show it. */
function selectorParts({ constraints }: LabelSelector): Parts {
  const parts: unknown[] = [];
  for (const [key, { complement, absent, values }] of constraints) {
    if (parts.length + values.size > LONGEST_LIST) return undefined;
    parts.push(key, complement, absent, [...values]);
  }
  return parts;
}
