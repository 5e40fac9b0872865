import { applyRemedies, inParallel, sizeOf, type Texts } from './apply-remedies.ts';
import { type Fault, keyOf, moreThan } from './fault.ts';
import { Work, WorkSpent } from './work.ts';

/** Fixed is what became of files, and of what was wrong with them. */
export interface Fixed {
  readonly texts: Texts;
  readonly done: readonly Fault[];
  /** What is still wrong. */
  readonly left: readonly Fault[];
  /** Why a remedy was not used, by the key of its fault. */
  readonly reasons: ReadonlyMap<string, string>;
}

/**
 * fixTexts uses remedies until none is left. Each round is judged before the next: a remedy that introduces a fault, or
 * does not remove its own, is not used. So a second run on the result changes nothing. If the work exceeds its bound,
 * nothing is changed, since a second run would continue.
 */
export function fixTexts(
  texts: Texts,
  judge: (texts: Texts) => readonly Fault[],
  work = new Work(sizeOf(texts)),
): Fixed {
  const fixing = new Fixing(texts, judge, work);
  const { left } = fixing;
  try {
    while (fixing.step());
    return fixing;
  } catch (error) {
    if (!(error instanceof WorkSpent)) throw error;
    const tried = left.filter(({ remedy }) => remedy !== undefined);
    return { texts, done: [], left, reasons: new Map(tried.map((fault) => [keyOf(fault), error.message])) };
  }
}

/** Unchanged files are judged again without being read, at a fraction of the cost: one part in so many. */
const UNREAD = 8;

class Fixing implements Fixed {
  texts: Texts;
  left: readonly Fault[];
  readonly done: Fault[] = [];
  readonly reasons = new Map<string, string>();
  private readonly judge: (texts: Texts) => readonly Fault[];
  private readonly work: Work;
  /** How many remedies of a namespace are tried together, if more than that failed. */
  private readonly most = new Map<string, number>();
  /** Whether anything was done since remedies were last given another chance. */
  private hasMoved = false;

  constructor(texts: Texts, judge: (texts: Texts) => readonly Fault[], work: Work) {
    this.texts = texts;
    this.judge = judge;
    this.work = work;
    this.left = judge(texts);
  }

  /** step tries all independent remedies; false if nothing is left to try. Throws WorkSpent. */
  step(): boolean {
    const candidates = this.left.filter((fault) => !this.reasons.has(keyOf(fault)));
    const chosen = inParallel(candidates, this.most);
    if (chosen.length === 0) return this.startAgain();
    const { texts, done, refused } = applyRemedies(this.texts, chosen, this.work);
    for (const { fault, reason } of refused) this.reasons.set(keyOf(fault), reason);
    if (done.length > 0) this.accept(texts, done);
    return true;
  }

  /** What was refused may be right by now; the last time round all of it is refused, as it would be in another run. */
  private startAgain(): boolean {
    if (!this.hasMoved || this.reasons.size === 0) return false;
    this.hasMoved = false;
    this.reasons.clear();
    this.most.clear();
    return true;
  }

  private accept(texts: Texts, done: readonly Fault[]): void {
    const changed = [...texts].filter(([file, text]) => this.texts.get(file) !== text);
    this.work.spend(sizeOf(new Map(changed)) + sizeOf(texts) / UNREAD);
    const after = this.judge(texts);
    const brought = moreThan(this.left, after);
    const kept = keptOf(done, this.left, after);
    if (brought.length + kept.size === 0) {
      this.texts = texts;
      this.left = after;
      this.done.push(...done);
      this.hasMoved = true;
      for (const [namespace, most] of this.most) this.most.set(namespace, 2 * most);
      return;
    }
    const places = new Set(brought.map(({ namespace }) => namespace));
    const near = done.filter((fault) => kept.has(fault) || places.has(fault.namespace));
    this.suspect(near.length > 0 ? near : done, done, brought);
  }

  /** Of several in a namespace, half are tried next. A single one is at fault. */
  private suspect(faults: readonly Fault[], done: readonly Fault[], [first]: readonly Fault[]): void {
    const counts = new Map<string, number>();
    for (const { namespace = '' } of done) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
    const reason = first === undefined ? 'it would still be there' : `it would bring ${first.rule} to ${first.object}`;
    for (const fault of faults) {
      const { namespace = '' } = fault;
      const count = counts.get(namespace) ?? 1;
      if (count > 1) this.most.set(namespace, count >> 1);
      else this.reasons.set(keyOf(fault), reason);
    }
  }
}

/** keptOf returns the faults that are still there. One at another place is a new one: only the first of equal rules is reported. */
function keptOf(done: readonly Fault[], before: readonly Fault[], after: readonly Fault[]): ReadonlySet<Fault> {
  const kindOf = ({ object, rule }: Fault) => JSON.stringify([object, rule]);
  const placeOf = (fault: Fault) => JSON.stringify([kindOf(fault), fault.path]);
  const [earlier, now] = [countsOf(before.map(kindOf)), countsOf(after.map(kindOf))];
  const places = new Set(after.map(placeOf));
  return new Set(
    done.filter((fault) => {
      const kind = kindOf(fault);
      return (now.get(kind) ?? 0) >= (earlier.get(kind) ?? 0) && places.has(placeOf(fault));
    }),
  );
}

function countsOf(keys: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
