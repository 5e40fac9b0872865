import type { Json } from '../../objects/fields.ts';
import type { Dialects } from '../../policy/dialects/dialects.ts';
import { changesPolicies } from './json-patch.ts';
import { asKustomization } from './kustomization.ts';
import { type DecodedDocument, type Located, offsetOf, UnreadableDocument } from './located.ts';
import { type NoManifest, noManifest, otherOutput } from './no-manifest.ts';
import { type Opened, openLists } from './open-lists.ts';
import { isPartOfPolicy } from './patches.ts';
import { isOurs } from './policy-kinds.ts';
import { readDocument } from './read-document.ts';
import { misleadingKey } from './repeated-keys.ts';
import type { Maker, Position, SourceText } from './source-text.ts';
import { type Chunk, splitDocuments } from './split-documents.ts';
import { isTemplated, mayBePolicy, mayMakePolicies } from './templates.ts';

/** Manifest is one object of a file: a document of its own, an item of a list, or within another object. */
export interface Manifest {
  readonly source: SourceText;
  readonly value: Json;
  /** Empty if the object has none. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Paths of NetworkPolicies within it that change before they reach the cluster. */
  readonly holds: readonly string[];
  /** Whether it is a kustomize patch, and so only a part of the resulting policy. */
  readonly isPart: boolean;
  /** locate returns the place of a field path, or of the nearest existing one above it. */
  locate(path: string, onKey?: boolean): Position;
}

/** UnreadableManifest is a document that cannot be read. */
export interface UnreadableManifest extends Position {
  readonly source: SourceText;
  readonly message: string;
}

/** Unrendered is a document from which Helm or kustomize makes manifests. */
export interface Unrendered extends Position, Maker {
  readonly source: SourceText;
  /** Whether the result may be a NetworkPolicy. */
  readonly mayBePolicy: boolean;
}

/** Manifests are the policies and Namespaces of all files, and the unreadable documents. */
export interface Manifests {
  readonly objects: readonly Manifest[];
  readonly unreadable: readonly UnreadableManifest[];
  /** Documents that were probably not meant for a cluster, and that kubectl would refuse: settings, lists. */
  readonly strays: readonly UnreadableManifest[];
  /** Templates that cannot be read as they are, and patches of policies. */
  readonly unrendered: readonly Unrendered[];
  /** Non-empty YAML documents, readable or not. */
  readonly documents: number;
  /** documentsOf returns how many of them a file has. */
  documentsOf(file: string): number;
}

/** readManifests reads every document of every file; a broken one does not hide the others. */
export function readManifests(sources: readonly SourceText[], dialects?: Dialects): Manifests {
  const reader = new ManifestReader(dialects);
  for (const source of sources) for (const chunk of splitDocuments(source.text)) reader.add(source, chunk);
  return reader;
}

class ManifestReader implements Manifests {
  readonly objects: Manifest[] = [];
  readonly unreadable: UnreadableManifest[] = [];
  readonly strays: UnreadableManifest[] = [];
  readonly unrendered: Unrendered[] = [];
  documents = 0;
  private readonly byFile = new Map<string, number>();
  private readonly dialects: Dialects | undefined;
  private readonly places = new Places();

  constructor(dialects: Dialects | undefined) {
    this.dialects = dialects;
  }

  add(source: SourceText, chunk: Chunk): void {
    try {
      const document = readDocument(chunk);
      if (document === undefined) return;
      this.addDocument(source, chunk, document);
    } catch (error) {
      if (!(error instanceof UnreadableDocument)) throw error;
      this.addUnreadable(source, chunk, error);
    }
    this.documents += 1;
    this.byFile.set(source.file, this.documentsOf(source.file) + 1);
  }

  documentsOf(file: string): number {
    return this.byFile.get(file) ?? 0;
  }

  private addUnreadable(source: SourceText, chunk: Chunk, { message, offset, isSyntax }: UnreadableDocument): void {
    if (isSyntax && source.maker?.as === 'template') {
      this.addUnrendered(source, chunk, mayMakePolicies(chunk));
      return;
    }
    const why = otherOutput(chunk.text) ?? withHint(message, chunk.text);
    this.unreadable.push({ source, message: why, ...source.positionAt(offset) });
  }

  private addUnrendered(source: SourceText, { offset }: Chunk, mayBe: boolean): void {
    if (source.maker === undefined) return;
    this.unrendered.push({ source, ...source.maker, mayBePolicy: mayBe, ...source.positionAt(offset) });
  }

  private addDocument(source: SourceText, chunk: Chunk, decoded: DecodedDocument): void {
    const document = isKustomizationFile(source.file) ? asKustomization(decoded) : decoded;
    const opened = openLists(document);
    const problem = noManifest(document, opened, chunk.text);
    if (problem !== undefined) {
      this.addNoManifest(source, chunk, document, problem);
      return;
    }
    const twice = misleadingKey(document.repeatedKeys, opened, this.dialects);
    if (twice !== undefined) {
      throw new UnreadableDocument(`the key ${JSON.stringify(twice.key)} is given twice`, twice.offset);
    }
    this.addObjects(source, chunk, opened);
  }

  private addNoManifest(
    source: SourceText,
    chunk: Chunk,
    { value, offset }: DecodedDocument,
    problem: NoManifest,
  ): void {
    const { message, isMeantAsOne } = problem;
    const isPatch = source.maker?.as === 'patch' && !isMeantAsOne;
    if (isPatch && changesPolicies(value, source.maker.kind)) this.addUnrendered(source, chunk, true);
    (isMeantAsOne ? this.unreadable : this.strays).push({ source, message, ...source.positionAt(offset) });
  }

  private addObjects(source: SourceText, chunk: Chunk, opened: readonly Opened[]): void {
    const made = new Set(opened.filter((object) => isMade(source.maker, object)));
    if (made.size > 0) this.addUnrendered(source, chunk, true);
    for (const object of opened) {
      const isPart = made.has(object);
      if (isPart && source.maker?.as === 'template') continue;
      if (object.holds.length === 0 && !isOurs(object, this.dialects)) continue;
      this.objects.push(manifestOf(source, object, isPart, () => this.places.of(chunk)));
    }
  }
}

/** As kustomize looks for them (konfig.RecognizedKustomizationFileNames). */
function isKustomizationFile(file: string): boolean {
  return /(?:^|[/\\])(?:kustomization\.ya?ml|Kustomization)$/.test(file);
}

/** What is a whole manifest as it is written is one, whatever the place of its file: kubectl would apply it. */
function isMade(maker: Maker | undefined, object: Opened): boolean {
  if (maker === undefined) return false;
  return maker.as === 'patch' ? isPartOfPolicy(object) : mayBePolicy(object) && isTemplated(object.value);
}

function manifestOf(
  source: SourceText,
  { path: at, ...object }: Opened,
  isPart: boolean,
  located: () => Located,
): Manifest {
  const prefix = at === '' ? '' : `${at}.`;
  const locate = (path: string, onKey?: boolean) => source.positionAt(offsetOf(located(), prefix + path, onKey));
  return { source, ...object, isPart, locate };
}

/**
 * Places are found by reading a document again, the last one being kept: only documents with findings need them, and
 * keeping them for all would cost a hundred times the size of the files.
 */
class Places {
  private last: { readonly chunk: Chunk; readonly located: Located } | undefined;

  of(chunk: Chunk): Located {
    if (this.last?.chunk !== chunk) {
      this.last = { chunk, located: readDocument(chunk) ?? { value: null, offset: chunk.offset } };
    }
    return this.last.located;
  }
}

function withHint(message: string, text: string): string {
  if (!/\{\{/.test(text)) return message;
  return `${message}; if this is a template, lint what it renders: helm template . | netpol-guard lint -`;
}
