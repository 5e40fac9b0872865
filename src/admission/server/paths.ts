import { patiently } from '../../runtime/patience.ts';
import { BadRequest } from '../review/bad-request.ts';
import { arePlain, NOWHERE, type PathOptions, type Way, wayOf } from './path-secret.ts';

/** Paths are the paths of a server, and the targets of the requests' URLs. */
export class Paths {
  private readonly known: ReadonlySet<string>;
  private readonly options: PathOptions;
  /** Time for asking whether a path exists, in milliseconds. */
  private readonly patience: number;
  private readonly ways = new WeakMap<object, Way>();

  constructor(known: Iterable<string>, options: PathOptions, patience: number) {
    this.known = new Set(known);
    this.options = options;
    this.patience = patience;
  }

  /** route returns the path to route a request by. */
  route(request: { readonly url?: string | undefined }): string {
    const way = wayOf(request.url ?? NOWHERE, this.known, this.options);
    this.ways.set(request, way);
    return way.route;
  }

  /** isProven tells whether a request contains a secret. */
  isProven(request: object): boolean {
    return this.ways.get(request)?.isProof === true;
  }

  /** isKnown tells whether its path certainly exists. */
  isKnown(request: object): boolean {
    const way = this.ways.get(request);
    return way !== undefined && way.route !== NOWHERE && way.ask === undefined;
  }

  /**
   * isThere asks if that is unknown. A path is not a security boundary, and no call of the API server may be lost by
   * asking.
   */
  async isThere(request: object): Promise<boolean> {
    const ask = this.ways.get(request)?.ask;
    return ask === undefined || patiently(ask(), this.patience, true);
  }

  /** refusal never repeats the requested path: it may be a secret. */
  refusal(): BadRequest {
    const known = arePlain(this.options) ? `; known: ${[...this.known].join(', ')}` : '';
    return new BadRequest(404, `no such path${known}`);
  }
}
