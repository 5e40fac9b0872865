/** Cel is an expression of the Common Expression Language, as the API server of Kubernetes 1.30 accepts it. */
export type Cel = string;

/** text writes a string. CEL has JSON's escapes; it uses the same ones as Helm's `toJson`. */
export function text(value: string): Cel {
  return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, escaped);
}

/** list writes a list of strings. */
export function list(values: readonly string[]): Cel {
  return `[${values.map(text).join(',')}]`;
}

/** map writes a map of strings to lists of strings, sorted by key, as Helm's `toJson` does. */
export function map(entries: ReadonlyMap<string, readonly string[]>): Cel {
  const keys = [...entries.keys()].sort();
  return `{${keys.map((key) => `${text(key)}:${list(entries.get(key) ?? [])}`).join(',')}}`;
}

/** pattern writes a glob as the regular expression (RE2) that matches the same names. CEL searches, so it is anchored. */
export function pattern(glob: string): string {
  const body = glob.replaceAll('.', '[.]').replaceAll('*', '.*').replaceAll('?', '.');
  return `^${body}$`;
}

/** isUser asks whether a request is by that user. A request omits an empty field. */
export function isUser(user: string): Cel {
  return `has(request.userInfo.username) && request.userInfo.username == '${user}'`;
}

/** isOneOf asks whether a request is by one of the users that an expression lists. */
export function isOneOf(users: Cel): Cel {
  return `has(request.userInfo.username) && request.userInfo.username in ${users}`;
}

/** labelsOf reads the labels of an object that may be missing, as its labels may. */
export function labelsOf(object: string): Cel {
  return `${object} != null && has(${object}.metadata.labels) ? ${object}.metadata.labels : {}`;
}

/**
 * mayExempt asks whether the user has the verb `exempt` on the `namespaces.netpol-guard.io` of that name. Nothing is
 * stored under that group; RBAC defines who has the verb.
 */
export function mayExempt(name: Cel): Cel {
  return `authorizer.group('netpol-guard.io').resource('namespaces').name(${name}).check('exempt').allowed()`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
