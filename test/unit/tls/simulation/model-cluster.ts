import type { Stored } from '../../../../src/tls/decide.ts';
import type { Outcome } from '../../../../src/tls/keeper.ts';
import type { Published } from '../../../../src/tls/published.ts';
import { type Authority, type Trust, trustedBy } from '../../../../src/tls/trust.ts';

/** Content is what a webhook configuration held from a moment on. */
interface Content {
  readonly since: number;
  readonly text: string;
  /** Not written by a replica: what comes of it is not theirs to answer for. */
  readonly isTampered: boolean;
}

/** Flaws are ways for the API, as it is used, to be worse than what the algorithm counts on. */
export interface Flaws {
  /** A configuration is written whatever its version is by now. */
  readonly blindWrites?: boolean;
  /** Until when an old CA is trusted is forgotten: it may go at once. */
  readonly hurriedDrops?: boolean;
  /** Of what is published, only what the Secret knows is seen. */
  readonly forgetfulReads?: boolean;
}

/** ModelCluster is one Secret and a few webhook configurations, with everything that they ever held. */
export class ModelCluster {
  /** All that were ever made, as they are found in what is published. */
  readonly authorities = new Map<string, Authority>();
  secretWrites = 0;
  private readonly now: () => number;
  private readonly flaws: Flaws;
  private readonly secrets: { readonly stored: Stored; readonly version: string }[] = [];
  private readonly configurations = new Map<string, { exists: boolean; version: number; contents: Content[] }>();

  constructor(names: readonly string[], now: () => number, flaws: Flaws) {
    this.now = now;
    this.flaws = flaws;
    this.spoil({ kind: 'unusable', problem: 'empty' });
    for (const name of names) this.tamper(name, '');
  }

  secret(): { readonly stored: Stored; readonly version: string } {
    const last = this.secrets.at(-1);
    if (last === undefined) throw new Error('a Secret is made first');
    return last;
  }

  writeSecret(trust: Trust, version: string): Outcome {
    const last = this.secrets.at(-1);
    if (last?.version !== version) return 'conflict';
    if (last.stored.kind === 'missing') throw new Error('404');
    const previous = trust.previous.map((one) => (this.flaws.hurriedDrops === true ? { ...one, until: 0 } : one));
    this.spoil({ kind: 'trust', trust: { ...trust, previous } });
    this.secretWrites += 1;
    return 'written';
  }

  /** Puts anything into the Secret, or takes it away. */
  spoil(stored: Stored): void {
    this.secrets.push({ stored, version: String(this.secrets.length) });
  }

  /** Every usable content that the Secret ever had. */
  backups(): readonly Trust[] {
    return this.secrets.flatMap(({ stored }) => (stored.kind === 'trust' ? [stored.trust] : []));
  }

  names(): readonly string[] {
    return [...this.configurations.keys()];
  }

  published(name: string): Published | undefined {
    const { exists = false, version = 0, contents = [] } = this.configurations.get(name) ?? {};
    const text = contents.at(-1)?.text ?? '';
    return exists ? { name, version: String(version), bundles: [{ text, authorities: this.seenIn(text) }] } : undefined;
  }

  publish({ name, version }: Published, text: string): Outcome {
    const configuration = this.configurations.get(name);
    if (configuration === undefined || !configuration.exists) throw new Error('404');
    if (String(configuration.version) !== version && this.flaws.blindWrites !== true) return 'conflict';
    this.put(name, text, false);
    return 'written';
  }

  tamper(name: string, text: string): void {
    this.put(name, text, true);
  }

  remove(name: string): void {
    this.put(name, '', true);
    const configuration = this.configurations.get(name);
    if (configuration !== undefined) configuration.exists = false;
  }

  /** What API servers may see that are up to `lagMs` behind: the names of authorities, of each honest content. */
  views(name: string, lagMs: number): readonly ReadonlySet<string>[] {
    const { exists = false, contents = [] } = this.configurations.get(name) ?? {};
    if (!exists) return [];
    const from = contents.findLastIndex(({ since }) => since <= this.now() - lagMs);
    return contents
      .slice(Math.max(0, from))
      .filter(({ isTampered }) => !isTampered)
      .map(({ text }) => new Set(idsIn(text)));
  }

  /** Whether a configuration holds what a replica wrote. */
  isHonest(name: string): boolean {
    const { exists = false, contents = [] } = this.configurations.get(name) ?? {};
    return exists && contents.at(-1)?.isTampered === false;
  }

  private put(name: string, text: string, isTampered: boolean): void {
    const known = this.configurations.get(name) ?? { exists: true, version: 0, contents: [] };
    const contents = [...known.contents, { since: this.now(), text, isTampered }];
    this.configurations.set(name, { exists: true, version: known.version + 1, contents });
  }

  private seenIn(text: string): readonly Authority[] {
    const { stored } = this.secret();
    const known = stored.kind === 'trust' ? trustedBy(stored.trust).map(({ id }) => id) : [];
    const found = idsIn(text).filter((id) => this.flaws.forgetfulReads !== true || known.includes(id));
    return found.flatMap((id) => this.authorities.get(id) ?? []);
  }
}

function idsIn(text: string): readonly string[] {
  return text.match(/ca-\d+/g) ?? [];
}
