import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { writeImageArchive } from '../../../scripts/image/archive.ts';

const REFERENCE = 'localhost/talker:1';

/** makeTalkerImage compiles talker.c, makes an image of it and returns its file. */
export async function makeTalkerImage(folder: string): Promise<string> {
  const program = join(folder, 'talker');
  const file = join(folder, 'talker.tar');
  execFileSync('gcc', ['-static', '-Os', '-s', '-o', program, join(import.meta.dirname, 'talker.c')], {
    stdio: 'pipe',
  });
  const files = [{ path: '/talker', source: program, mode: 0o755 }];
  await writeImageArchive({ reference: REFERENCE, files, entrypoint: ['/talker'], user: '65532:65532' }, file);
  return file;
}

/** talkers are a namespace, if `template` says so without netpol-guard's own choice of a baseline, and a Deployment in it. */
export function talkers(namespace: string, argv: readonly string[], template?: string): readonly object[] {
  const labels = { app: 'talker' };
  const owned = template === undefined ? {} : { labels: { 'netpol-guard.io/baseline': template } };
  const container = {
    name: 'talker',
    image: REFERENCE,
    imagePullPolicy: 'IfNotPresent',
    args: argv,
    env: [{ name: 'NAMESPACE', value: namespace }],
  };
  const spec = { automountServiceAccountToken: false, terminationGracePeriodSeconds: 0, containers: [container] };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, ...owned } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'talker', namespace },
      spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
  ];
}
