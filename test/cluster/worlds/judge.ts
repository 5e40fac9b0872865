import { stringify } from 'yaml';
import { CLIENTS } from '../light/places.ts';
import { bruteForce } from './brute-force.ts';
import { type Answer, EngineSays } from './engine-says.ts';
import { ALL_TRAITS, kubeRouter, type Trait } from './kube-router.ts';
import { labelsOf, QUESTIONS, type Question, type World } from './world.ts';

/** Judged is one question with what each side says of it. */
export interface Judged {
  readonly question: Question;
  readonly engine: Answer;
  readonly bruteForce: boolean;
  readonly packets: boolean;
  /**
   * `agree`; `engine` where the engine is not as the API is read; traits of kube-router that predict just what packets did
   * where that is not as the API is read; `unexplained` where nothing does.
   */
  readonly verdict: 'agree' | 'engine' | 'unexplained' | readonly Trait[];
}

/** judge compares what packets did in a world with what everyone says of it. */
export function judge(world: World, packets: ReadonlyMap<Question, boolean>): readonly Judged[] {
  const engine = new EngineSays(world);
  return QUESTIONS.map((question) => {
    const sides = {
      question,
      engine: engine.answer(question),
      bruteForce: bruteForce(world, question),
      packets: packets.get(question) ?? false,
    };
    return { ...sides, verdict: verdictOf(world, sides) };
  });
}

function verdictOf(
  world: World,
  { question, engine, bruteForce: read, packets }: Omit<Judged, 'verdict'>,
): Judged['verdict'] {
  if (engine !== 'plugin' && (engine === 'yes') !== read) return 'engine';
  if (kubeRouter(world, question, ALL_TRAITS) !== packets) return 'unexplained';
  if (read === packets) return 'agree';
  const needed = [...ALL_TRAITS].filter((trait) => {
    const others = new Set([...ALL_TRAITS].filter((other) => other !== trait));
    return kubeRouter(world, question, others) !== packets;
  });
  // None is needed alone where several do the same; then all of them together explain it.
  return needed.length > 0 ? needed : [...ALL_TRAITS];
}

/** describeJudged says in a line who said what. */
export function describeJudged({ question, engine, bruteForce: read, packets, verdict }: Judged): string {
  const { client, target, transport } = question;
  const word = (yes: boolean) => (yes ? 'yes' : 'no');
  const sides = `engine ${engine}, brute force ${word(read)}, packets ${word(packets)}`;
  return `${client.namespace}/${client.name} reaches ${target} over ${transport}: ${sides} (${[verdict].flat().join(', ')})`;
}

/** manifestsOf writes a world so that it can be applied to any cluster. */
export function manifestsOf(world: World): string {
  const namespaces = Object.keys(world.namespaces).map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: labelsOf(world, name) },
  }));
  const pods = CLIENTS.map(({ namespace, name, ports }, i) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: world.clients[i] },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sleep', 'infinity'],
          ports: ports.map((port) => ({ name: port.name, protocol: port.protocol, containerPort: port.port })),
        },
      ],
    },
  }));
  const objects = [...namespaces, ...pods, ...world.policies].map((object) => stringify(object));
  return `# DNS servers on port ${world.dnsPort}\n${objects.join('---\n')}`;
}
