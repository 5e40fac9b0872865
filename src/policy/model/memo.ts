/**
 * Memo keeps values by key for as long as their owner lives, in a property of that object which is not copied. A
 * WeakMap would keep the garbage of a request from the quick collections of young objects, which cost 40 us for each
 * request, and 100 MB.
 */
export class Memo<Owner extends object, Value> {
  private readonly property = Symbol('remembered');
  private readonly most: number;

  /** `most` bounds the values kept for one owner; further ones are computed again each time. */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  /** get returns the value kept under the key, or computes it; a value that no longer `holds` is computed again. */
  get(owner: Owner, key: string, find: () => Value, holds: (value: Value) => boolean = always): Value {
    const values = this.valuesOf(owner);
    const known = values.get(key);
    if (known !== undefined && holds(known)) return known;
    const found = find();
    if (values.size < this.most || known !== undefined) values.set(key, found);
    return found;
  }

  private valuesOf(owner: Owner): Map<string, Value> {
    const known = (owner as { readonly [property: symbol]: Map<string, Value> | undefined })[this.property];
    if (known !== undefined) return known;
    const values = new Map<string, Value>();
    Object.defineProperty(owner, this.property, { value: values });
    return values;
  }
}

function always(): boolean {
  return true;
}
