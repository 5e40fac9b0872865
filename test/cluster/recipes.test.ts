import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Opened, openCluster } from './cluster.ts';
import type { ActorName } from './packets/actors.ts';
import { summary } from './packets/claims.ts';
import { tiers } from './packets/policies.ts';
import { RECIPES, type Recipe } from './packets/recipes.ts';
import { foretold, packetsUnder } from './packets/show.ts';
import { raiseStage, type Stage } from './packets/stage.ts';
import { type Said, saidIn } from './packets/verdict.ts';
import { demanded, installProduct, removeProduct } from './product/install.ts';
import { record } from './report.ts';

const ACTORS: readonly ActorName[] = [
  'plain',
  'web',
  'twin',
  'stray',
  'agent',
  'rogue',
  'neighbour',
  'bystander',
  'store-web',
  'store-api',
  'store-db',
  'store-job',
  'controller',
  'ingress-job',
];

let cluster: Opened;
let stage: Stage;

beforeAll(async () => {
  cluster = await openCluster();
  stage = await raiseStage(cluster, ACTORS);
});
afterAll(async () => {
  await stage.strike();
  await cluster.close();
});

const recipes = inject('form') === 'long' ? RECIPES : RECIPES.filter(({ brief }) => brief);

/** The recipes whose packets have been seen. */
const shown = new Set<Recipe>();

describe('what a recipe lets through, and what not', () => {
  it.each(recipes)('$title', async (recipe) => {
    const { packets, policies } = recipe;
    await onKubeSystem(recipe, async () => {
      expect(await packetsUnder(stage, policies(stage.apiServer), packets)).toEqual(foretold(packets));
    });
    shown.add(recipe);
  });

  it('three tiers really talk, and by the policies alone', async () => {
    const all = ['controller', 'store-web', 'store-api', 'store-db'];
    expect(await talk()).toEqual(all);
    expect(await stage.apply(tiers())).toMatchObject({ status: 0 });
    expect(await talk()).toEqual(all);
    await demanded(cluster, ['delete', 'networkpolicy', 'db', '-n', 'store']);
    await stage.settle();
    expect(await talk()).toEqual(['controller', 'store-web', 'store-api', expect.stringContaining('ECONNREFUSED')]);
    await stage.clear();
  });
});

describe('what netpol-guard says of it', () => {
  beforeAll(async () => {
    await installProduct(cluster);
  });
  afterAll(async () => {
    await removeProduct(cluster);
  });

  it.each(recipes)('$title', async (recipe) => {
    const { title, said, packets, policies } = recipe;
    await onKubeSystem(recipe, async () => {
      const result = await stage.apply(policies(stage.apiServer));
      await stage.clear();
      expect(saidIn(result)).toEqual(said);
    });
    if (shown.has(recipe)) record('recipes', { recipe: title, said: wordsOf(said), packets: summary(packets) });
  });
});

/** Does something while kube-system has the label that the recipe supposes, where it does. */
async function onKubeSystem({ named = false }: Recipe, work: () => Promise<void>): Promise<void> {
  if (!named) return await work();
  await demanded(cluster, ['label', 'namespace', 'kube-system', 'name=kube-system']);
  try {
    await stage.settle();
    await work();
  } finally {
    await demanded(cluster, ['label', 'namespace', 'kube-system', 'name-']);
  }
  return undefined;
}

/** talk asks the controller from another namespace: each tier says its name, and then what the next one said. */
async function talk(): Promise<unknown> {
  const script = "fetch('http://controller.ingress:8443').then(async (answer) => console.log(await answer.text()))";
  const pod = ['exec', '-n', 'elsewhere', stage.podOf('bystander'), '--'];
  return JSON.parse(await demanded(cluster, [...pod, 'node', '-e', script]));
}

function wordsOf({ refused, warned }: Said): string {
  const parts = [
    ...(refused.length > 0 ? [`refused: ${refused.map((id) => `\`${id}\``).join(', ')}`] : []),
    ...(warned.length > 0 ? [`warns: ${warned.map((id) => `\`${id}\``).join(', ')}`] : []),
  ];
  return parts.length > 0 ? parts.join('; ') : 'admitted without a word';
}
