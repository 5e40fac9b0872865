import { Readable } from 'node:stream';
import type { FixOptions } from '../cli/fix-options.ts';
import type { ExitCode, Io } from '../cli/io.ts';
import { withEnforce } from '../config/compile.ts';
import { loadConfiguration } from '../config/load.ts';
import type { Texts } from '../fix/apply-remedies.ts';
import type { Fault } from '../fix/fault.ts';
import { doneLines, leftLines } from '../fix/fix-lines.ts';
import { type Fixed, fixTexts } from '../fix/fix-texts.ts';
import { judgeBy } from '../fix/judge-texts.ts';
import { unifiedDiff } from '../fix/unified-diff.ts';
import { NoFile, readStream } from '../manifests/files/read-file.ts';
import { readSources } from '../manifests/files/read-sources.ts';
import { type Origin, replaceFile } from '../manifests/files/replace-file.ts';
import { readManifests } from '../manifests/text/manifests.ts';
import { type Maker, SourceText } from '../manifests/text/source-text.ts';
import { messageOf } from '../objects/message-of.ts';
import { printable } from '../objects/printable.ts';
import type { Settings } from '../policy/model/settings.ts';

/** The name of standard input in diffs and messages. */
const STDIN = '<stdin>';

/**
 * fix corrects in files what it is certain of, or with `diff` shows the corrections. With the path `-` it is a filter. The exit
 * status is 1 if something would still be refused, or with `diff` if something would change; 2 if a path is missing or a file
 * cannot be written; else 0. Throws ConfigurationError.
 */
export async function fix(options: FixOptions, io: Io): Promise<ExitCode> {
  const { settings } = await loadConfiguration(options.config);
  const { level } = options;
  const fixer = new Fixer(options, level === undefined ? settings : withEnforce(settings, level), io);
  return await (options.paths.includes('-') ? fixer.filter() : fixer.files());
}

/** Places tells what follows from where files are: `outside` may not be changed, and `makers` turn files into manifests. */
interface Places {
  readonly outside: ReadonlySet<string>;
  readonly makers?: ReadonlyMap<string, Maker>;
}

class Fixer {
  private readonly options: FixOptions;
  private readonly settings: Settings;
  private readonly io: Io;

  constructor(options: FixOptions, settings: Settings, io: Io) {
    this.options = options;
    this.settings = settings;
    this.io = io;
  }

  async files(): Promise<ExitCode> {
    const {
      missing,
      passedOver,
      unreadable,
      texts: sources,
      outside,
      origins,
    } = await readSources(this.options.paths, this.io.stdin);
    if (!this.options.isBeforeLint)
      this.say(...missing, ...passedOver, ...unreadable.map(({ file, message }) => `${file}: ${message}`));
    const texts: Texts = new Map(sources.map(({ file, text }) => [file, text]));
    const makers = new Map(sources.flatMap(({ file, maker }) => (maker === undefined ? [] : [[file, maker]])));
    const fixed = this.fixed(texts, { outside, makers });
    const failed = this.options.diff ? this.showDiffs(texts, fixed) : await this.write(texts, fixed, origins);
    const isDone = ({ remedy }: Fault) => remedy?.edits.every(({ file }) => !failed.has(file)) === true;
    this.report({ ...fixed, done: fixed.done.filter(isDone) });
    if (missing.length > 0 || failed.size > 0) return 2;
    if (!this.isJudged(sources)) return 2;
    return unreadable.length > 0 ? 1 : this.status(fixed);
  }

  /** Its output is applied to a cluster, so input that cannot be read is passed on as it is. */
  async filter(): Promise<ExitCode> {
    const bytes = await allOf(this.io.stdin());
    const read = await readStream(Readable.from([bytes]));
    if ('problem' in read) return this.passOn(bytes, read.problem);
    const { text } = read;
    if (text.trim() === '') return this.passOn(bytes, 'is empty');
    const texts: Texts = new Map([[STDIN, text]]);
    const fixed = this.tried(texts);
    if (fixed === undefined) return this.passOn(bytes, 'cannot be judged');
    const after = fixed.texts.get(STDIN) ?? text;
    if (this.options.diff) this.showDiffs(texts, fixed);
    else if (after === text) this.io.out(bytes);
    else this.io.out(beginsWithMark(bytes) ? `\ufeff${after}` : after);
    this.report(fixed);
    if (!this.options.strict && !this.options.diff) return 0;
    return this.isJudged([new SourceText(STDIN, text)]) ? this.status(fixed) : 2;
  }

  private passOn(bytes: Uint8Array, problem: string): ExitCode {
    const { strict, diff } = this.options;
    if (!diff) this.io.out(bytes);
    this.say(`standard input ${problem}${diff ? '' : '; it is passed on as it is'}`);
    return strict || diff ? 2 : 0;
  }

  /** A bug in netpol-guard must not make manifests disappear. */
  private tried(texts: Texts): Fixed | undefined {
    try {
      return this.fixed(texts, { outside: new Set() });
    } catch (error) {
      this.say(messageOf(error));
      return undefined;
    }
  }

  /** No one asked for changes of a file that a link leads to, out of the folder. */
  private fixed(texts: Texts, { outside, makers }: Places): Fixed {
    const { namespace, ignoreLabels } = this.options;
    const judge = judgeBy({ settings: this.settings, namespace, ignoreLabels, now: this.io.clock.now(), makers });
    const spared = new Set<string>();
    const fixed = fixTexts(texts, (now) =>
      judge(now).map((fault) => {
        const away = fault.remedy?.edits.filter(({ file }) => outside.has(file)) ?? [];
        for (const { file } of away) spared.add(file);
        return away.length === 0 ? fault : { ...fault, remedy: undefined };
      }),
    );
    this.say(...[...spared].map((file) => `${file}: a symbolic link out of its folder; name it to have it fixed`));
    return fixed;
  }

  private showDiffs(texts: Texts, fixed: Fixed): ReadonlySet<string> {
    for (const [file, before] of texts) this.io.out(unifiedDiff(file, before, fixed.texts.get(file) ?? before));
    return new Set();
  }

  /** write returns the files that could not be written. */
  private async write(texts: Texts, fixed: Fixed, origins: ReadonlyMap<string, Origin>): Promise<ReadonlySet<string>> {
    const failed = new Set<string>();
    for (const [file, before] of texts) {
      const after = fixed.texts.get(file) ?? before;
      if (after === before) continue;
      try {
        const origin = origins.get(file);
        if (origin === undefined) throw new NoFile('is not a file that can be replaced');
        await replaceFile(origin, before, after);
      } catch (error) {
        failed.add(file);
        this.say(`${file}: ${error instanceof NoFile ? error.message : `cannot be written: ${messageOf(error)}`}`);
      }
    }
    return failed;
  }

  private report(fixed: Fixed): void {
    this.say(...doneLines(fixed.done, this.options.diff ? 'would fix' : 'fixed'));
    if (fixed.done.length > 0 && this.settings.dns.servers.length === 0) {
      this.say(
        'assuming that cluster DNS is kube-dns; if it is not, set dns.presets or dns.servers in a --config file',
      );
    }
    if (!this.options.isBeforeLint) this.say(...leftLines(fixed));
  }

  /** If there is no policy, no Namespace, and nothing that may be one, the user probably named the wrong files. */
  private isJudged(sources: readonly SourceText[]): boolean {
    const { objects, unreadable, unrendered } = readManifests(sources);
    const policies = unrendered.filter(({ mayBePolicy }) => mayBePolicy);
    if (this.options.allowEmpty || objects.length + unreadable.length + policies.length > 0) return true;
    if (!this.options.isBeforeLint)
      this.say('nothing was judged; if that is intended, --allow-empty treats it as clean');
    return false;
  }

  private status({ done, left }: Fixed): ExitCode {
    return (this.options.diff && done.length > 0) || left.some(({ isError }) => isError) ? 1 : 0;
  }

  private say(...lines: readonly string[]): void {
    for (const line of lines) this.io.err(`netpol-guard: ${printable(line)}\n`);
  }
}

async function allOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

function beginsWithMark(bytes: Uint8Array): boolean {
  return [0xef, 0xbb, 0xbf].every((byte, i) => bytes[i] === byte);
}
