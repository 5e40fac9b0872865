import { type Manifest, type Manifests, readManifests } from '../manifests/text/manifests.ts';
import { type Maker, SourceText } from '../manifests/text/source-text.ts';
import { evaluate } from '../policy/evaluate.ts';
import type { Finding } from '../policy/model/finding.ts';
import { describeFix } from '../policy/model/fix.ts';
import type { Policy } from '../policy/model/policy.ts';
import type { Settings } from '../policy/model/settings.ts';
import type { ClusterSnapshot } from '../policy/model/snapshot.ts';
import { offlineSnapshot } from '../policy/offline-snapshot.ts';
import { withoutLevelLabels } from '../report/level-labels.ts';
import { openingsOf } from '../report/parts.ts';
import { type ReportedFinding, sentenceOf } from '../report/report.ts';
import { reportUnrendered } from '../report/unrendered.ts';
import { type GivenPolicy, readWorld, worldOptions } from '../report/world.ts';
import type { Texts } from './apply-remedies.ts';
import type { Fault, FileEdit, Remedy } from './fault.ts';
import { inAllPlaces, moreText, portsText } from './remedy-edits.ts';

/** Standards are what texts are judged by. */
export interface Standards {
  readonly settings: Settings;
  /** For policies that name none. */
  readonly namespace: string;
  /** Whether Namespaces among the files are judged as if they named no level of their own. */
  readonly ignoreLabels: boolean;
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** What makes manifests of files, by file. */
  readonly makers?: ReadonlyMap<string, Maker> | undefined;
}

/** Judge finds what is wrong with texts. */
export type Judge = (texts: Texts) => readonly Fault[];

/**
 * judgeBy returns a judge that finds what `lint` finds in the same files, and the edits of each certain remedy. It reads a
 * file again only if its text has changed.
 */
export function judgeBy(standards: Standards): Judge {
  const known = new Map<string, Read>();
  return (texts) => {
    const read = [...texts].map(([file, text]) => {
      const before = known.get(file);
      const now = before?.text === text ? before : { text, manifests: readText(file, text, standards) };
      known.set(file, now);
      return now.manifests;
    });
    return judged(read, standards);
  };
}

/** Read is a text, and the manifests in it. */
interface Read {
  readonly text: string;
  readonly manifests: Manifests;
}

function readText(file: string, text: string, { makers }: Standards): Manifests {
  return readManifests([new SourceText(file, text, makers?.get(file))]);
}

function judged(read: readonly Manifests[], { settings, namespace, ignoreLabels, now }: Standards): readonly Fault[] {
  const objects = read.flatMap((manifests) => manifests.objects);
  const world = readWorld(objects, worldOptions(settings, namespace));
  const namespaces = ignoreLabels ? withoutLevelLabels(world.namespaces) : world.namespaces;
  const snapshot = offlineSnapshot({ ...world, namespaces }, settings);
  const placed = placesOf(world.given);
  const faults = world.given.flatMap(({ policy, manifest }) =>
    findingsOf(policy, snapshot, settings, now).map((finding) => faultOf(finding, manifest, placed)),
  );
  const unreadable = read
    .flatMap((manifests) => manifests.unreadable)
    .map(({ source, message }): Fault => {
      return { rule: 'invalid-yaml', isError: true, object: source.file, path: '', message };
    });
  const parts = world.parts.flatMap((part) => openingsOf(part, namespaces, settings, now));
  const documents = read.flatMap((manifests) => manifests.unrendered);
  const unrendered = reportUnrendered(documents, settings.docsBaseUrl).findings;
  return [...unreadable, ...unrendered.map(fileFault), ...[...world.findings, ...parts].map(reportedFault), ...faults];
}

/** Nothing in templates can be fixed, and what a patch does not say is in another file. */
function fileFault({ rule, severity, file = '', message }: ReportedFinding): Fault {
  return { rule, isError: severity === 'error', object: file, path: '', message };
}

function findingsOf(policy: Policy, snapshot: ClusterSnapshot, settings: Settings, now: number): readonly Finding[] {
  const change = { operation: 'AUDIT', namespace: policy.ref.namespace, after: policy } as const;
  return evaluate(change, snapshot, settings, now).findings.filter(({ effect }) => effect !== 'audit');
}

function reportedFault(finding: ReportedFinding): Fault {
  const { rule, severity, namespace, name = '(no name)', file = '', path = '' } = finding;
  const object = `${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return {
    rule,
    isError: severity === 'error',
    namespace,
    object: `${file}: ${object}`,
    path,
    message: sentenceOf(finding),
  };
}

function faultOf(finding: Finding, manifest: Manifest, places: ReadonlyMap<string, Manifest>): Fault {
  const { rule, effect, path, short } = finding;
  const { namespace, name = '(no name)' } = finding.object;
  const remedy = remedyOf(finding, manifest, places);
  return { rule, isError: effect === 'deny', namespace, object: `${namespace}/${name}`, path, message: short, remedy };
}

/** placesOf finds policies by namespace and name: the later one where there are two. */
function placesOf(given: readonly GivenPolicy[]): ReadonlyMap<string, Manifest> {
  return new Map(given.map(({ policy, manifest }) => [`${policy.ref.namespace}/${policy.ref.name ?? ''}`, manifest]));
}

/** remedyOf is the fix of a finding, where nobody has to decide anything about it. */
function remedyOf(finding: Finding, own: Manifest, places: ReadonlyMap<string, Manifest>): Remedy | undefined {
  const { fix, uncertain, object } = finding;
  if (fix.isCertain !== true || uncertain !== undefined) return undefined;
  const all = fix.steps.flatMap((step) => step.edits);
  const { edits: everywhere, more } = inAllPlaces(all, own);
  const edits: FileEdit[] = [];
  for (const edit of everywhere) {
    const other = edit.kind === 'apply' ? undefined : edit.policy;
    const manifest = other === undefined ? own : places.get(`${object.namespace}/${other}`);
    if (manifest === undefined) return undefined;
    edits.push({ file: manifest.source.file, offset: manifest.locate('').offset, edit });
  }
  return edits.length === 0 ? undefined : { text: `${describeFix(fix)}${portsText(all)}${moreText(more)}`, edits };
}
