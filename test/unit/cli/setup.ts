import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { Io } from '../../../src/cli/io.ts';
import type { ReportedFinding, Summary } from '../../../src/report/report.ts';
import { VirtualClock, VirtualTime } from '../../harness/virtual-time.ts';

/** TestIo is an Io that keeps what is printed. */
export interface TestIo extends Io {
  readonly printed: { out: string; err: string };
}

/** testIo makes an Io with the text on standard input; the clock stands still. */
export function testIo(input: string | Uint8Array = '', colours = false): TestIo {
  const printed = { out: '', err: '' };
  return {
    printed,
    out: (text) => {
      printed.out += typeof text === 'string' ? text : new TextDecoder('utf-8', { ignoreBOM: true }).decode(text);
    },
    err: (text) => {
      printed.err += text;
    },
    stdin: () => Readable.from([typeof input === 'string' ? new TextEncoder().encode(input) : input]),
    colours,
    clock: new VirtualClock(new VirtualTime(), { epoch: Date.UTC(2026, 0, 1) }),
  };
}

/** withFiles writes files below a new folder, and removes it when `use` is done. */
export async function withFiles<Result>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-test-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** PrintedReport is what `--format json` prints. */
export interface PrintedReport {
  readonly findings: readonly ReportedFinding[];
  readonly notes: readonly string[];
  readonly summary: Summary;
}

/** policyYaml is a NetworkPolicy in YAML; `spec` is indented by two. */
export function policyYaml(name: string, namespace: string, spec: string): string {
  const place = namespace === '' ? '' : `\n  namespace: ${namespace}`;
  return `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: ${name}${place}\nspec:\n${spec}\n`;
}

export const DENY_ALL = '  podSelector: {}\n  policyTypes: [Ingress, Egress]';

export const ALLOW_DNS = `  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
          podSelector: {matchLabels: {k8s-app: kube-dns}}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}`;

export const OPEN_DNS = `  podSelector: {}
  policyTypes: [Egress]
  egress:
    - ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}`;
