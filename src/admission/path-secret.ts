/** NOWHERE is what every path becomes that leads nowhere, so that no log or message can show what somebody has asked for. */
export const NOWHERE = '/';

const PATH = /^(\/[^/?#]*)(?:\/([^?#]*))?(\?[^#]*)?$/;

/**
 * routeOf returns the path to route a request by, with its query. Where there are secrets, a path of `known` is reached by
 * one of them as its second segment, and by nothing else; without any, by its own name. All else is NOWHERE, which takes
 * the same time however much of it is right.
 */
export function routeOf(url: string, known: ReadonlySet<string>, secrets: readonly string[]): string {
  const [, path = '', rest, query = ''] = PATH.exec(url) ?? [];
  const isKnown = known.has(path);
  const isOpen = secrets.length === 0 ? rest === undefined : isOneOf(rest ?? '', secrets);
  return isKnown && isOpen ? `${path}${query}` : NOWHERE;
}

/** Every secret is compared, to its end: how long it takes hangs on the secrets alone, and not on the text. */
function isOneOf(text: string, secrets: readonly string[]): boolean {
  let isOne = 0;
  for (const secret of secrets) {
    let difference = text.length ^ secret.length;
    // Past its end a text has NaN, which counts as 0.
    for (let at = 0; at < secret.length; at += 1) difference |= text.charCodeAt(at) ^ secret.charCodeAt(at);
    isOne |= Number(difference === 0) & Number(secret.length > 0);
  }
  return isOne === 1;
}
