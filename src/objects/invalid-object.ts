/** InvalidObject means that an object does not have the shape of its kind. */
export class InvalidObject extends Error {
  /** Path of the offending field, such as `spec.egress[0].ports[0].port`; empty for the object itself. */
  readonly path: string;
  /** What is wrong with it; a clause without the path. */
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(path === '' ? problem : `${path}: ${problem}`);
    this.name = 'InvalidObject';
    this.path = path;
    this.problem = problem;
  }
}
