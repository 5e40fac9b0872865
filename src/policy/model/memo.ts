/**
 * Memo keeps values by key for as long as the object lives that they were found for, in a property of that object
 * which no copy takes along. A WeakMap keeps what a request leaves behind out of reach of the quick collections of young
 * objects: that took 40 us of each request, and 100 MB.
 */
export class Memo<Owner extends object, Value> {
  private readonly property = Symbol('remembered');
  private readonly most: number;

  /** `most` bounds the values kept for one owner; further ones are found anew each time. */
  constructor(most: number = Number.POSITIVE_INFINITY) {
    this.most = most;
  }

  /** get returns the value kept under the key, or finds it; what no longer `holds` is found anew. */
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
