// The figures of go.yaml.in/yaml/v2 (decode.go): 99 % of the work may come from aliases up to 400,000 nodes, 10 % from
// 4,000,000 on, and in between the share falls evenly. So a "billion laughs" ends here where it ends in kubectl.
const LOW = 400_000;
const HIGH = 4_000_000;

/** AliasBudget counts decoded nodes, and refuses documents that are nearly all aliases of aliases. */
export class AliasBudget {
  private decoded = 0;
  private aliased = 0;

  /** spend counts one node; false if the document expands too far. */
  spend(insideAlias: boolean): boolean {
    this.decoded += 1;
    if (insideAlias) this.aliased += 1;
    return this.aliased <= 100 || this.decoded <= 1000 || this.aliased / this.decoded <= this.allowedShare();
  }

  private allowedShare(): number {
    const beyond = Math.min(Math.max(this.decoded - LOW, 0), HIGH - LOW);
    return 0.99 - 0.89 * (beyond / (HIGH - LOW));
  }
}
