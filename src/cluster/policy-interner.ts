import type { AllowRule, Peer, Policy, PortEntry } from '../policy/model.ts';
import type { LabelSelector } from '../sets/label-selector.ts';

/**
 * Of one sort so many characters of keys are remembered; past that all are forgotten, and what comes next is remembered
 * anew. What is remembered outlives its policies, so it must be little: a part takes some twelve bytes for each
 * character of its key (an ipBlock 260 bytes for 30), so six sorts take at most 20 MB, whatever tenants make up.
 */
const MOST_CHARACTERS = 256 * 1024;
/** Longer parts seldom repeat, and their keys would cost more than they save. */
const LONGEST_KEY = 600;
/** So do lists of more items, whose keys are not even written. */
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
      subject: this.subjects.share(selectorText(policy.subject), () => policy.subject),
      egress: this.rules(policy.egress),
      ingress: this.rules(policy.ingress),
      ignoredEgress: this.rules(policy.ignoredEgress),
      ...(policy.managed && { managed: { ...policy.managed, text: this.text(policy.managed.text) } }),
    };
  }

  private rules(rules: readonly AllowRule[]): readonly AllowRule[] {
    return this.ruleLists.share(listText(rules, ruleText), () => rules.map((rule) => this.rule(rule)));
  }

  private rule(rule: AllowRule): AllowRule {
    return this.allowRules.share(ruleText(rule), () => ({
      path: this.text(rule.path),
      peers: rule.peers === 'any' ? 'any' : rule.peers.map((peer) => this.peer(peer)),
      ...this.ports.share(listText(rule.entries, entryText), () => ({ ports: rule.ports, entries: rule.entries })),
    }));
  }

  private peer(peer: Peer): Peer {
    return this.allowPeers.share(peerText(peer), () => ({ ...peer, path: this.text(peer.path) }));
  }

  private text(text: string): string {
    return this.texts.share(text, () => text);
  }
}

/** undefined where it is too long to be worth while. */
type Key = string | undefined;

/** Interner gives out the value made first for the same key. */
class Interner<T> {
  private readonly known = new Map<string, T>();
  private characters = 0;

  share(key: Key, make: () => T): T {
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

function listText<T>(items: readonly T[], textOf: (item: T) => Key): Key {
  if (items.length > LONGEST_LIST) return undefined;
  const texts = items.map(textOf);
  return texts.includes(undefined) ? undefined : JSON.stringify(texts);
}

function ruleText({ path, peers, entries }: AllowRule): Key {
  const who = peers === 'any' ? peers : listText(peers, peerText);
  const what = listText(entries, entryText);
  return who === undefined || what === undefined ? undefined : JSON.stringify([path, who, what]);
}

/** A name is quoted: the port named `53` is none of number 53. */
function entryText({ path, ports, text }: PortEntry): string {
  const isName = Object.values(ports.names).some((names) => names.length > 0);
  return `${path} ${isName ? JSON.stringify(text) : text}`;
}

function peerText(peer: Peer): Key {
  if (peer.kind === 'addresses') {
    const { v4, v6 } = peer.addresses;
    if (v4.bounds.length + v6.bounds.length > LONGEST_LIST) return undefined;
    return JSON.stringify([peer.path, peer.cidr, v4.bounds.join(), v6.bounds.join()]);
  }
  const namespaces = peer.namespaces === 'own' ? peer.namespaces : selectorText(peer.namespaces);
  const pods = selectorText(peer.pods);
  if (namespaces === undefined || pods === undefined) return undefined;
  return JSON.stringify([peer.path, namespaces, pods]);
}

/** The order of keys and values counts, since messages show it. */
function selectorText({ constraints }: LabelSelector): Key {
  let values = 0;
  for (const set of constraints.values()) values += 1 + set.values.size;
  if (values > LONGEST_LIST) return undefined;
  return JSON.stringify([...constraints].map(([key, set]) => [key, set.complement, set.absent, ...set.values]));
}
