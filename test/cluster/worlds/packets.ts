import type { Light } from '../light/light.ts';
import { demand, MERGE } from '../light/objects.ts';
import { CLIENT_NAMESPACES, CLIENTS, DNS_PLACE } from '../light/places.ts';
import type { Probe } from '../probe/driver.ts';
import type { LookupOutcome } from '../probe/operation.ts';
import { QUESTIONS, type Question, TARGETS, type World } from './world.ts';

const NAMESPACES = [...CLIENT_NAMESPACES, DNS_PLACE.namespace];

/** Every label that some world gives, so that a merge patch takes away those that this one does not give. */
const NO_LABELS = {
  pod: { app: null, role: null, 'k8s-app': null },
  namespace: { team: null, name: null },
};

/** A refusal comes back at once; silence is waited for so long, and so often, before it counts. */
const PATIENCE = { timeoutMs: 400, tries: 5 };

/** applyWorld replaces the world before it, and returns once all of this one is in force. */
export async function applyWorld({ api, settle }: Light, world: World): Promise<void> {
  await Promise.all([
    ...NAMESPACES.map((namespace) => demand(api, 'DELETE', policyPath(namespace))),
    ...NAMESPACES.map((namespace) => {
      const labels = { ...NO_LABELS.namespace, ...world.namespaces[namespace] };
      return demand(api, 'PATCH', `/api/v1/namespaces/${namespace}`, { metadata: { labels } }, MERGE);
    }),
    ...CLIENTS.map(({ namespace, name }, i) => {
      const labels = { ...NO_LABELS.pod, ...world.clients[i] };
      return demand(api, 'PATCH', `/api/v1/namespaces/${namespace}/pods/${name}`, { metadata: { labels } }, MERGE);
    }),
  ]);
  await Promise.all(world.policies.map((policy) => demand(api, 'POST', policyPath(policy.metadata.namespace), policy)));
  await settle();
}

function policyPath(namespace: string): string {
  return `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
}

/**
 * askPackets asks all questions at once, by a lookup each. Where one is refused, the servers are there all the same: the
 * node asks them as well. Throws where it gets no answer, and where a client gets neither an answer nor a refusal.
 */
export async function askPackets(light: Light): Promise<ReadonlyMap<Question, boolean>> {
  const [answers] = await Promise.all([
    Promise.all(
      QUESTIONS.map(async (question) => [question, await reaches(light.probeOf(question.client), question)] as const),
    ),
    Promise.all(controls().map((question) => demandAnswer(light, question))),
  ]);
  return new Map(answers);
}

type Asked = Pick<Question, 'target' | 'transport'>;

function controls(): readonly Asked[] {
  const targets = ['dns', 'documentation', 'public'] as const;
  return targets.flatMap((target) => (['UDP', 'TCP'] as const).map((transport) => ({ target, transport })));
}

/** On the node no Service is translated for the node itself, so it asks the pod. */
async function demandAnswer({ node, dnsPort }: Light, { target, transport }: Asked): Promise<void> {
  const [server, port] = target === 'dns' ? [DNS_PLACE.address, dnsPort] : [TARGETS[target].server, 53];
  const outcome = await look(node, server, port, transport);
  if (!isAnswerOf(target, outcome))
    throw new Error(`the node asked ${server} over ${transport}: ${JSON.stringify(outcome)}`);
}

async function reaches(probe: Probe, { client, target, transport }: Question): Promise<boolean> {
  const outcome = await look(probe, TARGETS[target].server, 53, transport);
  if (outcome.outcome === 'refused') return false;
  if (isAnswerOf(target, outcome)) return true;
  const who = `${client.namespace}/${client.name}`;
  throw new Error(
    `${who} asked ${target} over ${transport}: neither an answer nor a refusal, ${JSON.stringify(outcome)}`,
  );
}

function look(probe: Probe, server: string, port: number, transport: Question['transport']): Promise<LookupOutcome> {
  const protocol = transport === 'UDP' ? 'udp' : 'tcp';
  return probe.ask('lookup', { server, port, protocol, name: 'shop.example', ...PATIENCE });
}

function isAnswerOf(target: Question['target'], outcome: LookupOutcome): boolean {
  return outcome.outcome === 'answer' && outcome.addresses.includes(TARGETS[target].mark);
}
