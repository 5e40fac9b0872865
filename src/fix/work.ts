/** How often files may be read in all, and what small ones may take beyond, in characters. */
const READINGS = 64;
const ALWAYS = 2 * 1024 * 1024;

/** What a reading takes beside its characters. */
const EACH = 4 * 1024;

/** WorkSpent says that fixing takes more work than there is for it. */
export class WorkSpent extends Error {
  constructor() {
    super('fixing these files takes too much work; fix fewer of them at a time');
    this.name = 'WorkSpent';
  }
}

/** Work bounds what it takes to fix files, counted in characters that are read, so that it is the same on every machine. */
export class Work {
  private left: number;

  /** `size` is that of all files together, in characters. */
  constructor(size: number) {
    this.left = READINGS * size + ALWAYS;
  }

  /** spend takes a reading of some characters off. Throws WorkSpent where nothing is left. */
  spend(characters: number): void {
    this.left -= characters + EACH;
    if (this.left < 0) throw new WorkSpent();
  }
}
