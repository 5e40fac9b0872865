import { applyRemedies, inParallel, type Texts } from './apply-remedies.ts';
import { type Fault, keyOf, moreThan } from './fault.ts';

/** Fixed is what became of files, and of what was wrong with them. */
export interface Fixed {
  readonly texts: Texts;
  readonly done: readonly Fault[];
  /** What is still wrong. */
  readonly left: readonly Fault[];
  /** Why a remedy was not used, by the key of its fault. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** How often the files are judged at most: each time that is not in vain takes a fault away. */
const ROUNDS = 500;

/**
 * fixTexts uses remedies until none is left. Each round is judged before the next: a remedy that brings a fault that was not
 * there, or leaves its own, is not used. So another run on the result changes nothing.
 */
export function fixTexts(texts: Texts, judge: (texts: Texts) => readonly Fault[]): Fixed {
  const fixing = new Fixing(texts, judge);
  for (let round = 0; round < ROUNDS && fixing.step(); round += 1);
  return fixing;
}

class Fixing implements Fixed {
  texts: Texts;
  left: readonly Fault[];
  readonly done: Fault[] = [];
  readonly reasons = new Map<string, string>();
  private readonly judge: (texts: Texts) => readonly Fault[];
  /** Namespaces in which remedies are tried one by one, since together they went wrong. */
  private readonly careful = new Set<string>();
  /** Whether anything was done since remedies were last given another chance. */
  private hasMoved = false;

  constructor(texts: Texts, judge: (texts: Texts) => readonly Fault[]) {
    this.texts = texts;
    this.judge = judge;
    this.left = judge(texts);
  }

  /** step tries what can be tried together; false where nothing is left to try. */
  step(): boolean {
    const candidates = this.left.filter((fault) => !this.reasons.has(keyOf(fault)));
    const chosen = inParallel(candidates, this.careful);
    if (chosen.length === 0) return this.startAgain();
    const { texts, done, refused } = applyRemedies(this.texts, chosen);
    for (const { fault, reason } of refused) this.reasons.set(keyOf(fault), reason);
    if (done.length > 0) this.accept(texts, done);
    return true;
  }

  /** What was refused may be right by now; the last time round all of it is refused, as it would be in another run. */
  private startAgain(): boolean {
    if (!this.hasMoved || this.reasons.size === 0) return false;
    this.hasMoved = false;
    this.reasons.clear();
    this.careful.clear();
    return true;
  }

  private accept(texts: Texts, done: readonly Fault[]): void {
    const after = this.judge(texts);
    const brought = moreThan(this.left, after);
    const kept = done.filter((fault) => remains(fault, this.left, after));
    if (brought.length + kept.length === 0) {
      this.texts = texts;
      this.left = after;
      this.done.push(...done);
      this.hasMoved = true;
      return;
    }
    const places = new Set(brought.map(({ namespace }) => namespace));
    const near = done.filter((fault) => kept.includes(fault) || places.has(fault.namespace));
    for (const fault of near.length > 0 ? near : done) this.suspect(fault, done, brought);
  }

  private suspect(fault: Fault, done: readonly Fault[], brought: readonly Fault[]): void {
    const { namespace = '' } = fault;
    const isAlone = done.every((other) => other === fault || (other.namespace ?? '') !== namespace);
    if (!isAlone) {
      this.careful.add(namespace);
      return;
    }
    const [first] = brought;
    const reason = first === undefined ? 'it would still be there' : `it would bring ${first.rule} to ${first.object}`;
    this.reasons.set(keyOf(fault), reason);
  }
}

/** A fault at another place is another one: of two equal rules the first is reported. */
function remains({ object, rule, path }: Fault, before: readonly Fault[], after: readonly Fault[]): boolean {
  const alike = (faults: readonly Fault[]) => faults.filter((one) => one.object === object && one.rule === rule);
  const now = alike(after);
  return now.length >= alike(before).length && now.some((one) => one.path === path);
}
