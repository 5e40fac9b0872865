/** LinkedAbort fires when its parent does, or by itself; `release` forgets the parent, which may live much longer. */
export class LinkedAbort {
  private readonly controller = new AbortController();
  private readonly parent: AbortSignal;
  private readonly follow = () => this.controller.abort(this.parent.reason);

  constructor(parent: AbortSignal) {
    this.parent = parent;
    if (parent.aborted) this.follow();
    else parent.addEventListener('abort', this.follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  abort(reason: unknown): void {
    this.controller.abort(reason);
  }

  release(): void {
    this.parent.removeEventListener('abort', this.follow);
  }
}
