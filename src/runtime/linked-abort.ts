import { onAbort } from './abort.ts';

/** LinkedAbort fires when its parent does, or by itself; `release` forgets the parent, which may live much longer. */
export class LinkedAbort {
  readonly release: () => void;
  private readonly controller = new AbortController();

  constructor(parent: AbortSignal) {
    this.release = onAbort(parent, () => this.controller.abort(parent.reason));
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(reason: unknown): void {
    this.controller.abort(reason);
  }
}
