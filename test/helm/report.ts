import { recordsOf } from '../report/records.ts';
import type { Page, Sections } from '../report/section.ts';

const LOST = {
  what: 'what was done',
  admissions: 'admissions asked for',
  calls: 'calls, by the API server',
  failed: 'refused for want of an answer',
  open: 'let through unjudged',
};

const SECTIONS = {
  machine: {
    title: 'What ran',
    text: 'In the enforcing cluster of `npm run cluster`, one node, with the image of `npm run image` in three replicas.',
    columns: { what: 'what', which: 'which' },
  },
  installation: {
    title: 'Installed and taken away',
    text: 'By both of Helm’s versions. Every object of the cluster is listed before and after.',
    columns: { what: 'what', result: 'result' },
  },
  graceful: {
    title: 'While all goes well',
    text: `Admissions are asked for all the time, by eight clients that ask nobody twice: policies that are created, changed and
deleted, bad ones, namespaces, some of it by dry run. In brackets: the API server's own count, of every call that anybody
made necessary. Nothing may be lost; what upgrades switch off, or have only warned about, is let through for that.`,
    columns: LOST,
  },
  ungraceful: {
    title: 'While things break',
    text: 'The same admissions, or some of each kind, and what may be lost of them.',
    columns: { what: 'what was done', lost: 'lost', bound: 'bound' },
  },
  policy: {
    title: "The chart's own NetworkPolicy",
    text: 'Connections and lookups of probes in pods, enforced by kube-router.',
    columns: { from: 'from', to: 'to', without: 'without it', with: 'with it' },
  },
  alerts: {
    title: 'Alerts',
    text: `A Prometheus scrapes the replicas by the Service for metrics, each second, with the rules of the PrometheusRule without
their \`for\`. These fired, and no other.`,
    columns: { what: 'what was done', alerts: 'alerts', after: 'after' },
  },
} as const satisfies Sections;

/** HELM is docs/helm.md. */
export const HELM: Page<typeof SECTIONS> = {
  name: 'helm',
  command: 'npm run test:helm',
  head: `# Installed with Helm

What becomes of a cluster's admissions while netpol-guard is installed, upgraded, restarted, broken and taken away, in a
real Kubernetes. This page is written by \`npm run test:helm\`, wholly, from what its tests recorded; nothing in it is
written by hand.
`,
  sections: SECTIONS,
};

export const { record, begin: beginRecords } = recordsOf(HELM);
