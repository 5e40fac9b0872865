import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import type { Level } from '../../src/policy/model/finding.ts';
import { RULES } from '../../src/policy/rules/index.ts';
import type { Rule } from '../../src/policy/situation/rule.ts';
import type { Result } from '../harness/kubectl.ts';
import { policyPath } from '../harness/policies.ts';
import { until } from '../harness/until.ts';
import { type Opened, openCluster } from './cluster.ts';
import type { ActorName } from './packets/actors.ts';
import { type Packets, summary, told } from './packets/claims.ts';
import { FURTHER_CLAIMS, TRAITS } from './packets/further-claims.ts';
import { LEGEND } from './packets/legend.ts';
import { RULE_CLAIMS, type RuleClaims } from './packets/rule-claims.ts';
import { allOpen, foretold, packetsNow, packetsUnder } from './packets/show.ts';
import { raiseStage, type Stage } from './packets/stage.ts';
import { UNSHOWN } from './packets/unshown.ts';
import { type Said, saidIn } from './packets/verdict.ts';
import { demanded, installProduct, type Product, removeProduct } from './product/install.ts';
import { record } from './report.ts';

const ACTORS: readonly ActorName[] = [
  'plain',
  'web',
  'database',
  'gateway',
  'frontend',
  'resolver',
  'operator',
  'twin',
  'stray',
  'rogue',
  'neighbour',
  'edge',
  'bystander',
];

/** Its examples mean something only while netpol-guard keeps the baseline, so it has a story of its own. */
const OF_THE_BASELINE = 'baseline-modified';
/** So has this one: nobody can create what is being deleted. */
const OF_LEAVING = 'policy-being-deleted';
const others = RULES.filter(({ id }) => id !== OF_THE_BASELINE && id !== OF_LEAVING);

/** Every bad example is tried in both forms; good ones are much alike. */
const tried = inject('form') === 'long' ? others : ofLevel('standard');

/** The rules whose bad example has been seen at work. */
const shown = new Set<string>();

let cluster: Opened;
let product: Product;
let stage: Stage;

beforeAll(async () => {
  cluster = await openCluster();
  product = await installProduct(cluster);
  await product.unregister();
  stage = await raiseStage(cluster, ACTORS);
});
afterAll(async () => {
  await product.unregister();
  await stage.strike();
  await removeProduct(cluster);
  await cluster.close();
});

function claimsOf(id: string): RuleClaims {
  const claims = RULE_CLAIMS[id];
  if (claims === undefined) throw new Error(`${id}: test/cluster/packets/rule-claims.ts does not say what packets do`);
  return claims;
}

it('says of every rule what packets do, and of no other', () => {
  expect(Object.keys(RULE_CLAIMS).toSorted()).toEqual(RULES.map(({ id }) => id));
  for (const row of UNSHOWN) record('unshown', row);
  for (const row of LEGEND) record('who', row);
});

describe('applied past the webhook', () => {
  it.each(others)("$id: the page's bad example does what the page foretells", async ({ id, docs }) => {
    const { bad } = claimsOf(id);
    expect(await packetsUnder(stage, docs.bad, bad)).toEqual(foretold(bad));
    shown.add(id);
  });

  it.each(FURTHER_CLAIMS)('$rule: $says', async ({ rule, says, policies, packets }) => {
    expect(await packetsUnder(stage, policies, packets)).toEqual(foretold(packets));
    record('rules', { rule: `\`${rule}\`, besides`, bad: `${says}:\n${summary(packets)}`, good: '' });
  });

  it.each(TRAITS)('as the plugin has it: $policy', async ({ policy, policies, packets, matters }) => {
    expect(await packetsUnder(stage, policies(stage.apiServer), packets)).toEqual(foretold(packets));
    record('traits', { policy, packets: summary(packets), matters });
  });
});

describe('offered to the webhook', () => {
  beforeAll(async () => {
    await product.register();
  });

  it.each(ofLevel('standard'))('$id: the bad example is refused, by its name', async ({ id, docs }) => {
    expect(await offered(docs.bad)).toMatchObject({ status: 1, refused: expect.arrayContaining([id]) });
  });

  it.each(ofLevel('strict'))('$id: the bad example is admitted with a warning', async ({ id, docs }) => {
    expect(await offered(docs.bad)).toMatchObject({ status: 0, refused: [], warned: expect.arrayContaining([id]) });
  });

  describe('where the namespace asks for strict', () => {
    beforeAll(async () => {
      await enforceStrictly();
    });

    it.each(ofLevel('strict'))('$id: the bad example is refused', async ({ id, docs }) => {
      expect(await offered(docs.bad)).toMatchObject({ status: 1, refused: expect.arrayContaining([id]) });
    });

    it.each(ofLevel('advice'))('$id: the bad example is admitted with a warning', async ({ id, docs }) => {
      expect(await offered(here(docs.bad))).toMatchObject({ status: 0, refused: [], warned: [id] });
    });

    it.each(tried)('$id: the good example is admitted without a word, and works', async ({ id, docs }) => {
      const { bad, good } = claimsOf(id);
      expect(await packetsUnder(stage, docs.good, good)).toEqual(foretold(good));
      if (shown.has(id)) record('rules', { rule: `\`${id}\``, bad: summary(bad), good: summary(good) });
    });
  });
});

describe('baseline-modified', () => {
  const { docs } = ruleOf(OF_THE_BASELINE);
  const { bad, good } = claimsOf(OF_THE_BASELINE);
  const [, badPolicy = ''] = docs.bad.split('---\n');
  const open: Packets = { edge: { reaches: ['web:8080'] }, plain: { not: ['web:8080'] } };
  let tookMs = 0;

  it('the bad example opens the namespace where nobody keeps the baseline', async () => {
    await product.unregister();
    expect(await packetsUnder(stage, badPolicy, open)).toEqual(foretold(open));
  });

  it('the bad example is put back where netpol-guard does, and has opened nothing that stays', async () => {
    expect(await packetsNow(stage, bad)).toEqual(allOpen(bad));
    await labelBaseline('default-deny');
    const kept = await until('the baseline', () => specOf('netpol-guard-default-deny'));
    await until('its carve-out', () => specOf('netpol-guard-allow-dns'));

    expect(await cluster.kubectl(['apply', '-f', '-'], { stdin: docs.bad })).toMatchObject({ status: 0 });
    const began = performance.now();
    await until('the baseline to be put back', async () =>
      isDeepStrictEqual(await specOf('netpol-guard-default-deny'), kept) ? true : undefined,
    );
    tookMs = performance.now() - began;
    await stage.settle();
    expect(await packetsNow(stage, bad)).toEqual(told(bad));
  });

  it('the bad example is refused, by its name', async () => {
    await product.register();
    const result = await stage.apply(docs.bad);
    expect({ status: result.status, ...saidIn(result) }).toEqual({ status: 1, refused: [OF_THE_BASELINE], warned: [] });
  });

  it('the good example is admitted without a word, and works', async () => {
    expect(await stage.apply(docs.good)).toMatchObject({ status: 0, stderr: '' });
    expect(await packetsNow(stage, good)).toEqual(told(good));
    await labelBaseline('none');
    await stage.clear();
    const kept = `put back within ${Math.ceil(tookMs / 100) / 10} s of the write, and then:\n${summary(bad)}`;
    const story = `where nobody keeps the baseline:\n${summary(open)}\nwhere netpol-guard does, ${kept}`;
    record('rules', { rule: `\`${OF_THE_BASELINE}\``, bad: story, good: summary(good) });
  });
});

describe('policy-being-deleted', () => {
  const { docs } = ruleOf(OF_LEAVING);
  const { bad, good } = claimsOf(OF_LEAVING);
  const changed: Packets = { gateway: { reaches: ['web:8080'] }, plain: { reaches: ['web:8080'] } };
  const widen = async (ingress: readonly object[]) => await patched({ spec: { ingress } });
  const patched = async (patch: object) => {
    const args = ['patch', 'networkpolicy', 'from-gateway', '-n', 'shop', '--type=merge', '-p', JSON.stringify(patch)];
    const result = await cluster.kubectl(args);
    await stage.settle();
    return { status: result.status, ...saidIn(result) };
  };

  it('the bad example is enforced while it is being deleted, and so is what it is changed to', async () => {
    await product.unregister();
    expect(await stage.apply(docs.bad)).toMatchObject({ status: 0, stderr: '' });
    await demanded(cluster, ['delete', 'networkpolicy', 'from-gateway', '-n', 'shop', '--wait=false']);
    await stage.settle();
    expect(await packetsNow(stage, bad)).toEqual(told(bad));
    expect(await widen([{}])).toMatchObject({ status: 0 });
    expect(await packetsNow(stage, changed)).toEqual(told(changed));
  });

  it('its change is refused, by the name of the rule, and its end is not', async () => {
    await product.register();
    expect(await widen([{ from: [{ podSelector: {} }] }])).toEqual({ status: 1, refused: [OF_LEAVING], warned: [] });
    expect(await patched({ metadata: { finalizers: null } })).toEqual({ status: 0, refused: [], warned: [] });
    expect(await specOf('from-gateway')).toBeUndefined();
  });

  it('the good example is admitted without a word, and works', async () => {
    expect(await packetsUnder(stage, docs.good, good)).toEqual(foretold(good));
    const story = `while it is being deleted:\n${summary(bad)}\nand once it is changed to \`ingress: [{}]\`:\n${summary(changed)}`;
    record('rules', { rule: `\`${OF_LEAVING}\``, bad: story, good: summary(good) });
  });
});

function ruleOf(id: string): Rule {
  const rule = RULES.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new Error(`${id} is no rule`);
  return rule;
}

function ofLevel(level: Level): readonly Rule[] {
  return others.filter((rule) => rule.level === level);
}

/** K3s's Service range is not this cluster's, and the webhook knows which it is. */
function here(manifest: string): string {
  return manifest.replace('10.43.0.0/16', '10.96.0.0/16');
}

/** offered applies a manifest in full view of netpol-guard, returns what came of it, and takes it away again. */
async function offered(manifest: string): Promise<Said & Pick<Result, 'status'>> {
  try {
    const result = await stage.apply(manifest);
    return { status: result.status, ...saidIn(result) };
  } finally {
    await stage.clear();
  }
}

async function labelBaseline(template: string): Promise<void> {
  await demanded(cluster, ['label', 'namespace', 'shop', '--overwrite', `netpol-guard.io/baseline=${template}`]);
}

async function specOf(name: string): Promise<unknown> {
  const { status, body } = await cluster.api.request('GET', policyPath('shop', `/${name}`));
  return status === 200 ? (body as { spec: unknown }).spec : undefined;
}

/** Every replica learns of the label by a watch of its own, so many ask at once, of whichever answers. */
async function enforceStrictly(): Promise<void> {
  await demanded(cluster, ['label', 'namespace', 'shop', '--overwrite', 'netpol-guard.io/enforce=strict']);
  const { bad } = ruleOf('dns-over-tcp-blocked').docs;
  const asked = () => cluster.api.request('POST', policyPath('shop', '?dryRun=All'), parse(bad));
  await until('every replica to enforce strictly', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, asked));
    return answers.every(({ status }) => status === 403) ? true : undefined;
  });
}
