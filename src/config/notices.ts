/** Every key of the contract that this version reads and checks, but does not act on. */
const NOT_YET: readonly (readonly [path: readonly string[], what: string])[] = [
  [['baseline'], 'namespaces get no baseline'],
  [['gate'], 'no pod is held back'],
  [['tls'], 'certificates come from --tls-cert-file and --tls-private-key-file'],
  [['rules', 'baseline-modified'], 'there are no managed policies to guard'],
];

/**
 * noticesOf lists what a configuration file asks for that this version does not do yet, to be printed at start-up:
 * one file serves every version of the contract, but nobody should believe in a guard that is not there.
 * `value` is the file's content, before defaults.
 */
export function noticesOf(value: unknown): readonly string[] {
  const ignored = NOT_YET.filter(([path]) => valueAt(value, path) !== undefined).map(
    ([path, what]) => `${path.join('.')}: not in this version; ${what}`,
  );
  const repairs = [
    ['dnsBlocked', 'onWrite'],
    ['dnsBlocked', 'onDelete'],
  ]
    .filter((path) => valueAt(value, path) === 'repair')
    .map((path) => `${path.join('.')}: repair is not in this version; it warns and adds no policy`);
  return [...ignored, ...repairs];
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  let found = value;
  for (const key of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.getOwnPropertyDescriptor(found, key)?.value;
  }
  return found;
}
