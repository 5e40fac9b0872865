import { defineConfig } from 'vitest/config';

/** What a real API server is for: minutes may pass while its programs are built for the first time. */
const endToEnd = {
  globalSetup: ['test/harness/global-setup.ts'],
  fileParallelism: false,
  testTimeout: 60_000,
  hookTimeout: 120_000,
};

/** Nearly all of their time is waiting, for Leases to run out and the like, so two of them wait at a time. */
const chaos = { globalSetup: ['test/harness/chaos-setup.ts'], fileParallelism: true, maxWorkers: 2 };

/** A whole cluster, packets and all. The short form does less of the same; `form` says which it is. */
const enforcing = {
  ...endToEnd,
  include: ['test/cluster/*.test.ts'],
  globalSetup: ['test/cluster/setup.ts'],
  testTimeout: 1_800_000,
  hookTimeout: 600_000,
};

/** The chart in such a cluster, installed as an admin would. */
const installed = { ...enforcing, include: ['test/helm/*.test.ts'], globalSetup: ['test/helm/setup.ts'] };

/** What is also shown on the oldest Kubernetes served. */
const OLDEST = [
  'order',
  'public-recipes',
  'carve-out',
  'what-users-see',
  'namespace-labels',
  'baseline-born',
  'baseline-gate',
  'baseline-guarded',
  'baseline-healed',
  'baseline-order',
  'rights',
  'admission-policies',
  'managed-policies',
  'managed-policies-alone',
  'lowered-labels',
  'openings',
  'fence',
  'break-glass',
  'lint-as-kubectl',
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/cluster/*.test.ts', 'test/helm/*.test.ts', 'test/chart/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'chart',
          include: ['test/chart/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
      { test: { name: 'e2e', include: ['test/e2e/*.test.ts'], ...endToEnd } },
      { test: { name: 'chaos', include: ['test/e2e/chaos/*.test.ts'], ...endToEnd, ...chaos } },
      {
        test: {
          name: 'e2e-oldest',
          include: OLDEST.map((file) => `test/e2e/${file}.test.ts`),
          ...endToEnd,
        },
      },
      { test: { name: 'cluster', ...enforcing } },
      { test: { name: 'cluster-short', ...enforcing, exclude: ['test/cluster/*.long.test.ts'] } },
      { test: { name: 'helm', ...installed } },
      { test: { name: 'helm-short', ...installed, exclude: ['test/helm/*.long.test.ts'] } },
    ],
  },
});
