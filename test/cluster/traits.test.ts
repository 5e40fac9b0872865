import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyManifest } from '../oracle/manifest.ts';
import { type Light, openLight } from './light/light.ts';
import { CLIENTS } from './light/places.ts';
import { record } from './report.ts';
import { CASES, CASES_ON_5353, type Case, type Reached } from './worlds/cases.ts';
import { type Answer, EngineSays } from './worlds/engine-says.ts';
import { applyWorld, askPackets } from './worlds/packets.ts';
import { QUESTIONS, type Question, type World } from './worlds/world.ts';

/** Seen is what came of a case, question by question, beside what it says. */
interface Seen {
  readonly packets: readonly (boolean | undefined)[];
  readonly wantedOfPackets: readonly boolean[];
  readonly engine: readonly Answer[];
  readonly wantedOfEngine: readonly Answer[];
  /** What pods of other namespaces reach: everything, so that whatever is refused is refused for the policy's sake. */
  readonly others: readonly (boolean | undefined)[];
}

async function see(light: Light, { namespace = 'shop', egress, packets, engine = {} }: Case): Promise<Seen> {
  const applied: PolicyManifest = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'case', namespace },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress },
  };
  const world: World = {
    dnsPort: light.dnsPort,
    namespaces: {},
    clients: CLIENTS.map(() => ({})),
    policies: [applied],
  };
  await applyWorld(light, world);
  const answers = await askPackets(light);
  const says = new EngineSays(world);
  const own = QUESTIONS.filter(({ client }) => client.namespace === namespace);
  const others = QUESTIONS.filter(({ client }) => client.namespace !== namespace);
  const isReached = ({ target, transport }: Question) => packets[target] === 'both' || packets[target] === transport;
  return {
    packets: own.map((question) => answers.get(question)),
    wantedOfPackets: own.map(isReached),
    engine: own.map((question) => says.answer(question)),
    wantedOfEngine: own.map((question) => {
      const otherwise = engine[question.target];
      const said = typeof otherwise === 'object' ? otherwise[question.transport] : otherwise;
      return said ?? (isReached(question) ? 'yes' : 'no');
    }),
    others: others.map((question) => answers.get(question)),
  };
}

describe.each([
  { dnsPort: 53, cases: CASES },
  { dnsPort: 5353, cases: CASES_ON_5353 },
] as const)('DNS servers on port $dnsPort', ({ dnsPort, cases }) => {
  let light: Light;

  beforeAll(async () => {
    light = await openLight(dnsPort);
  });

  afterAll(() => light?.close());

  it.each(cases)('$policy', async (one) => {
    const { packets, wantedOfPackets, engine, wantedOfEngine, others } = await see(light, one);
    expect(packets).toEqual(wantedOfPackets);
    expect(engine).toEqual(wantedOfEngine);
    expect(others).toEqual(others.map(() => true));
    record('traits', { policy: one.policy, packets: summary(one.packets), matters: one.matters });
  });
});

function summary(packets: Reached): string {
  const text = { both: 'reached', UDP: 'reached over UDP alone', TCP: 'reached over TCP alone', none: 'refused' };
  const outside = packets.documentation === packets.public ? text[packets.public] : 'reached, but for `8.8.8.8`';
  return `cluster DNS ${text[packets.dns]}; resolver outside ${outside}`;
}
