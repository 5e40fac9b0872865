import type { Stored } from '../../../../../src/tls/rotation/decide.ts';
import type { PathsToWrite } from '../../../../../src/tls/rotation/decide-paths.ts';
import type { WriteOutcome } from '../../../../../src/tls/rotation/keeper.ts';
import type { Published } from '../../../../../src/tls/rotation/published.ts';
import { type Authority, type Trust, trustedBy } from '../../../../../src/tls/rotation/trust.ts';

/** Content is what a webhook configuration held from a moment on. */
interface Content {
  readonly since: number;
  readonly text: string;
  /** Where its one webhook is called. */
  readonly path: string | undefined;
  /** Written by somebody who may write another one at once, before anybody has seen it. */
  readonly isMadeUp: boolean;
  /** The text is not written by a replica: what comes of it is not theirs to answer for. */
  readonly isTampered: boolean;
}

/** PLAIN is the path of every webhook without a secret. */
export const PLAIN = '/validate';
const WEBHOOK = 'webhook';
const EMPTY = { text: '', path: undefined, isMadeUp: true, isTampered: true };

/** Flaws are ways for the API, as it is used, to be worse than what the algorithm counts on. */
export interface Flaws {
  /** A configuration is written whatever its version is by now. */
  readonly blindWrites?: boolean;
  /** Until when an old CA is trusted is forgotten: it may go at once. */
  readonly hurriedDrops?: boolean;
  /** Of what is published, only what the Secret knows is seen. */
  readonly forgetfulReads?: boolean;
  /** Secrets of paths go as soon as there is a newer one. */
  readonly hurriedSecrets?: boolean;
  /** Nobody tells that older replicas still run. */
  readonly blindRollouts?: boolean;
}

/** ModelCluster is one Secret and a few webhook configurations, with everything that they ever held. */
export class ModelCluster {
  /** All that were ever made, as they are found in what is published. */
  readonly authorities = new Map<string, Authority>();
  secretWrites = 0;
  /** Whether every replica is of one version. */
  isRolledOut = true;
  /** The Secret takes no write, as an immutable one. */
  isImmutable = false;
  /** The configuration whose bundle nobody may write. */
  unwritable: string | undefined;
  /** When something was put into the Secret, or taken away. */
  lostAt = 0;
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

  writeSecret(trust: Trust, version: string): WriteOutcome {
    const last = this.secrets.at(-1);
    if (this.isImmutable) throw new Error('422');
    if (last?.version !== version) return 'conflict';
    if (last.stored.kind === 'missing') throw new Error('404');
    const previous = trust.previous.map((one) => (this.flaws.hurriedDrops === true ? { ...one, until: 0 } : one));
    const secrets = trust.paths?.secrets.slice(0, this.flaws.hurriedSecrets === true ? 1 : undefined) ?? [];
    const paths = trust.paths && { paths: { ...trust.paths, secrets } };
    this.keep({ kind: 'trust', trust: { ...trust, previous, ...paths } });
    this.secretWrites += 1;
    return 'written';
  }

  /** Puts anything into the Secret, or takes it away. */
  spoil(stored: Stored): void {
    this.lostAt = this.now();
    this.keep(stored);
  }

  private keep(stored: Stored): void {
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
    if (!exists) return undefined;
    const { text, path } = contents.at(-1) ?? EMPTY;
    return {
      name,
      version: String(version),
      bundles: [{ text, authorities: this.seenIn(text) }],
      paths: [{ webhook: WEBHOOK, plain: PLAIN, path, by: 'service' }],
    };
  }

  allPublished(): readonly Published[] {
    return this.names().flatMap((name) => this.published(name) ?? []);
  }

  publishPaths({ published: { name, version }, paths }: PathsToWrite): WriteOutcome {
    const configuration = this.configurations.get(name);
    if (configuration === undefined || !configuration.exists) throw new Error('404');
    if (String(configuration.version) !== version && this.flaws.blindWrites !== true) return 'conflict';
    this.setPath(name, paths.get(WEBHOOK));
    return 'written';
  }

  /** Writes a path as a replica does, or Helm; or as somebody else. */
  setPath(name: string, path: string | undefined, isMadeUp = false): void {
    this.write(name, { ...this.last(name), path, isMadeUp });
  }

  publish({ name, version }: Published, text: string): WriteOutcome {
    const configuration = this.configurations.get(name);
    if (name === this.unwritable) throw new Error('403');
    if (configuration === undefined || !configuration.exists) throw new Error('404');
    if (String(configuration.version) !== version && this.flaws.blindWrites !== true) return 'conflict';
    this.write(name, { ...this.last(name), text, isTampered: false });
    return 'written';
  }

  tamper(name: string, text: string): void {
    this.write(name, { ...this.last(name), text, isTampered: true });
  }

  remove(name: string): void {
    this.write(name, EMPTY);
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

  /** What the Deployment says. */
  seemsRolledOut(): boolean {
    return this.isRolledOut || this.flaws.blindRollouts === true;
  }

  /**
   * Where API servers may call that are up to `lagMs` behind: since somebody made a path up, and nobody could tell of it, or
   * the Secret was lost, which told those that start of what was called before.
   */
  calledPaths(name: string, lagMs: number): readonly (string | undefined)[] {
    const { exists = false, contents = [] } = this.configurations.get(name) ?? {};
    const lost = this.secret().stored.kind === 'trust' ? this.lostAt : this.now();
    const from = contents.findLastIndex(({ since }) => since <= Math.max(lost, this.now() - lagMs));
    const madeUp = contents.findLastIndex(({ isMadeUp }) => isMadeUp);
    const isStanding = madeUp === contents.length - 1;
    const seen = contents.slice(Math.max(0, from, isStanding ? madeUp : madeUp + 1));
    return exists ? seen.map(({ path }) => path) : [];
  }

  /** Whether a configuration holds what a replica wrote. */
  isHonest(name: string): boolean {
    const { exists = false, contents = [] } = this.configurations.get(name) ?? {};
    return exists && contents.at(-1)?.isTampered === false;
  }

  private write(name: string, content: Omit<Content, 'since'>): void {
    const known = this.configurations.get(name) ?? { exists: true, version: 0, contents: [] };
    const contents = [...known.contents, { ...content, since: this.now() }];
    this.configurations.set(name, { exists: true, version: known.version + 1, contents });
  }

  private last(name: string): Omit<Content, 'since'> {
    return this.configurations.get(name)?.contents.at(-1) ?? EMPTY;
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
