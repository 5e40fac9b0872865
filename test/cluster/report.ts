import { recordsOf } from '../report/records.ts';
import type { Page, RowOf, Sections } from '../report/section.ts';

const SECTIONS = {
  machine: {
    title: 'What ran',
    text: 'Built here from source, each from a Go module that pins it (`programs/`).',
    columns: { what: 'what', which: 'which' },
  },
  times: {
    title: 'How long it takes',
    text: 'On this machine, with whatever else ran on it.',
    columns: { what: 'what', time: 'time' },
  },
  who: {
    title: 'Who tries what',
    text: 'The names in the two tables of rules and of recipes.',
    columns: { name: 'name', what: 'what it is' },
  },
  rules: {
    title: 'The rules',
    text: `The bad and the good example of each rule's page, applied to the cluster. A probe in a pod shows what the bad one
does wrong and that the good one does not. Each thing that fails worked in the same pod without the policy, or works
from another pod with it.`,
    columns: { rule: 'rule', bad: 'the bad example, in packets', good: 'the good example, in packets' },
    sorted: 'first',
  },
  unshown: {
    title: 'What packets do not show',
    text: 'Rules and examples, and why this cluster cannot show them.',
    columns: { what: 'what', why: 'why' },
    sorted: 'first',
  },
  recipes: {
    title: 'Recipes from the field',
    text: 'Policies as people publish them: what netpol-guard says of them, and what packets then do.',
    columns: { recipe: 'recipe', said: 'netpol-guard', packets: 'packets' },
    sorted: 'first',
  },
  worlds: {
    title: 'Random worlds',
    text: `Policies, labels and pods drawn at random, in the light form of the cluster (\`test/cluster/light/\`): for every pod,
what the engine says, what a brute-force evaluator says and what packets do. DNS of the cluster and a resolver outside,
UDP and TCP each. The same worlds again, or others: \`npm run worlds:packets -- --seed SEED --count COUNT\`.`,
    columns: {
      run: 'run',
      seed: 'seed',
      worlds: 'worlds',
      questions: 'questions',
      agreed: 'agreed',
      differed: 'differed',
    },
  },
  differences: {
    title: 'Where they differed, and why',
    text: `Every difference that random worlds have shown. What a plugin does otherwise than Kubernetes asks is a trait: it is
predicted, from the policies alone, wherever it is set aside, and a test of its own shows it.`,
    columns: { difference: 'difference', whose: 'whose', evidence: 'evidence', became: 'what became of it' },
  },
  traits: {
    title: 'Traits of the data plane',
    text: 'What a policy means only once its packets are looked at. These are tests with fixed policies.',
    columns: { policy: 'policy', packets: 'packets', matters: 'why it matters' },
  },
  baseline: {
    title: 'The baseline',
    text: 'Namespaces born with netpol-guard in the cluster, and what their pods could do from their first moment.',
    columns: { what: 'what', value: 'value' },
  },
  life: {
    title: "The cluster's life",
    text: 'What happens to clusters, done to this one with netpol-guard in it.',
    columns: { event: 'event', result: 'what happened' },
  },
} as const satisfies Sections;

/** Row is a row of one of the tables. */
export type Row<Name extends keyof typeof SECTIONS> = RowOf<typeof SECTIONS, Name>;

/** PACKETS is docs/packets.md. */
export const PACKETS: Page<typeof SECTIONS> = {
  name: 'packets',
  command: 'npm run test:cluster',
  head: `# In packets

What policies do to real packets, in a real Kubernetes with a network plugin that enforces in the kernel. This page is
written by \`npm run test:cluster\`, wholly, from what its tests recorded; nothing in it is written by hand.
`,
  sections: SECTIONS,
};

export const { record, begin: beginRecords } = recordsOf(PACKETS);
