import type { ApiClient } from '../../harness/api-client.ts';

/** Calls are what the API server has counted of its calls of netpol-guard, whoever made them necessary. */
export interface Calls {
  /** All of them. */
  readonly made: number;
  /** Calls without an answer, where that refused the request. */
  readonly failed: number;
  /** Calls without an answer, where that let the request through. */
  readonly failedOpen: number;
  /** All calls by the name of the entry. */
  readonly byEntry: Readonly<Record<string, number>>;
}

const PREFIX = 'apiserver_admission_webhook_';

/** startCalls returns what ends the count; it holds as long as the API server is not restarted. */
export async function startCalls(api: ApiClient): Promise<() => Promise<Calls>> {
  const before = await readCalls(api);
  return async () => {
    const after = await readCalls(api);
    const byEntry = Object.entries(after.byEntry).map(([name, count]) => [name, count - (before.byEntry[name] ?? 0)]);
    return {
      made: after.made - before.made,
      failed: after.failed - before.failed,
      failedOpen: after.failedOpen - before.failedOpen,
      byEntry: Object.fromEntries(byEntry),
    };
  };
}

async function readCalls(api: ApiClient): Promise<Calls> {
  const { status, body } = await api.request('GET', '/metrics');
  if (status !== 200 || typeof body !== 'string') throw new Error(`/metrics of the API server: ${status}`);
  const samples = body.split('\n').flatMap((line) => readSample(line) ?? []);
  const sum = (metric: string, fits: (labels: string) => boolean = () => true): number =>
    samples.filter(({ name, labels }) => name === metric && fits(labels)).reduce((all, { value }) => all + value, 0);
  const entries = new Set(samples.map(({ entry }) => entry));
  const byEntry = [...entries].map((entry) => {
    const of = samples.filter((sample) => sample.name === 'request_total' && sample.entry === entry);
    return [entry, of.reduce((all, { value }) => all + value, 0)] as const;
  });
  return {
    made: sum('request_total'),
    failed: sum('rejection_count', (labels) => !labels.includes('error_type="no_error"')),
    failedOpen: sum('fail_open_count'),
    byEntry: Object.fromEntries(byEntry),
  };
}

/** A line reads `apiserver_admission_webhook_request_total{code="200",name="…"} 7`. */
function readSample(line: string) {
  const found = /^(\w+)\{(.*)\} (\S+)$/.exec(line);
  const [, metric = '', labels = '', value = ''] = found ?? [];
  const entry = /name="([^"]*)\.netpol-guard\.io"/.exec(labels)?.[1];
  if (entry === undefined || !metric.startsWith(PREFIX)) return undefined;
  return { name: metric.slice(PREFIX.length), labels, entry, value: Number(value) };
}
