/** Remembered keeps values by key for as long as the object that they were found for lives. */
export class Remembered<Owner extends object, Value> {
  private readonly byOwner = new WeakMap<Owner, Map<string, Value>>();
  private readonly most: number;

  /** `most` bounds the values kept for one owner; further ones are found anew each time. */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  /** get returns the value kept under the key, or finds it. */
  get(owner: Owner, key: string, find: () => Value): Value {
    let values = this.byOwner.get(owner);
    if (values === undefined) {
      values = new Map();
      this.byOwner.set(owner, values);
    }
    const known = values.get(key);
    if (known !== undefined) return known;
    const found = find();
    if (values.size < this.most) values.set(key, found);
    return found;
  }
}
