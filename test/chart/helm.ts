import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { build } from '../../programs/build.ts';

/** CHART is the chart's folder. */
export const CHART = join(import.meta.dirname, '../../charts/netpol-guard');

/** KUBERNETES is the version that charts are rendered for; a Helm built here would take a very old one. */
const KUBERNETES = '1.37.1';

/** Values are what an admin writes into values.yaml. */
export type Values = Readonly<Record<string, unknown>>;

/** KubeObject is an object of a rendered chart. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** Release is what Helm calls an installation, and where it is. */
export interface Release {
  readonly name: string;
  readonly namespace: string;
}

/** RELEASE is one like most others. */
export const RELEASE: Release = { name: 'netpol-guard', namespace: 'netpol-guard' };

/** Outcome is what a call of Helm came to. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Helm is one of its major versions. */
export interface Helm {
  readonly version: 3 | 4;
  /** template is `helm template`, whatever comes of it. */
  template(values?: Values, release?: Release): Outcome;
  /** render parses what it prints. Throws with Helm's words where it refuses. */
  render(values?: Values, release?: Release): readonly KubeObject[];
  lint(values?: Values): Outcome;
}

/** findHelm builds a Helm where it is not built yet. */
export async function findHelm(version: 3 | 4): Promise<Helm> {
  const program = join(await build(`helm-${version}`), 'helm');
  const run = (args: readonly string[], values: Values): Outcome =>
    spawnSync(program, [...args, '--kube-version', KUBERNETES, '--values', '-'], {
      encoding: 'utf8',
      input: JSON.stringify(values),
      maxBuffer: 64 * 1024 * 1024,
    });
  const template = (values: Values = {}, { name, namespace } = RELEASE) =>
    run(['template', name, CHART, '--namespace', namespace], values);
  return {
    version,
    template,
    render: (values, release) => {
      const { status, stdout, stderr } = template(values, release);
      if (status !== 0) throw new Error(stderr);
      return objectsIn(stdout);
    },
    lint: (values = {}) => run(['lint', CHART, '--strict'], values),
  };
}

/** objectsIn reads the documents of a rendered chart, as Kubernetes reads YAML. */
export function objectsIn(text: string): readonly KubeObject[] {
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    const object = document.toJS() as KubeObject | null;
    return object === null ? [] : [object];
  });
}

/** oneOf finds the one object of a kind, and of a name where several have that kind. */
export function oneOf(objects: readonly KubeObject[], kind: string, name?: string): KubeObject {
  const found = objects.filter((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} objects ${kind} ${name ?? ''}`);
  return found[0];
}
