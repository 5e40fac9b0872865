/** InvalidObject says that an object is not of the shape that its kind has. */
export class InvalidObject extends Error {
  /** Path of the offending field, such as `spec.egress[0].ports[0].port`. */
  readonly path: string;

  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
    this.name = 'InvalidObject';
    this.path = path;
  }
}
