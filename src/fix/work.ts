/** How often all files may be read, and a base amount in characters for small files. */
const READINGS = 64;
const ALWAYS = 2 * 1024 * 1024;

/** The fixed cost of a reading, in characters. */
const EACH = 4 * 1024;

/** WorkSpent says that a run takes more work than it may. */
export class WorkSpent extends Error {
  constructor() {
    super('fixing these files takes too much work; fix fewer of them at a time');
    this.name = 'WorkSpent';
  }
}

/** Work bounds a run of `fix`, counted in characters that are read, so that the result is the same on every machine. */
export class Work {
  private left: number;

  /** `size` is the total size of the files, in characters. */
  constructor(size: number) {
    this.left = READINGS * size + ALWAYS;
  }

  /** spend subtracts a reading of so many characters. Throws WorkSpent if nothing is left. */
  spend(characters: number): void {
    this.left -= characters + EACH;
    if (this.left < 0) throw new WorkSpent();
  }
}
