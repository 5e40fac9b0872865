import type { Policy } from '../model.ts';

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

/**
 * readNetworkPolicy reads a networking.k8s.io/v1 NetworkPolicy, as JSON gives it, with the API server's defaulting
 * applied (idempotent on objects that already have it). `namespace` is where an object without one belongs.
 * Throws InvalidObject where the shape is not a NetworkPolicy's.
 */
export declare function readNetworkPolicy(object: unknown, namespace: string): Policy;
