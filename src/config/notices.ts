/** Every key of the contract that this version reads and checks, but does not act on. */
const NOT_YET: readonly (readonly [key: string, what: string])[] = [
  ['tls', 'certificates come from --tls-cert-file and --tls-private-key-file'],
];

/**
 * noticesOf lists what a configuration file asks for that this version does not do yet, to be printed at start-up:
 * one file serves every version of the contract, but nobody should believe in a guard that is not there.
 * `value` is the file's content, before defaults.
 */
export function noticesOf(value: unknown): readonly string[] {
  return NOT_YET.filter(([key]) => typeof value === 'object' && value !== null && Object.hasOwn(value, key)).map(
    ([key, what]) => `${key}: not in this version; ${what}`,
  );
}
