/** Actor is a pod of the stage. Policies pick it by its namespace and labels; nothing else about it matters to them. */
export interface Actor {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly does: Prober | Resolver | Tier;
}

/** Prober tries things when it is asked to, and has echoes on some ports. */
interface Prober {
  readonly kind: 'prober';
  readonly listens: readonly number[];
}

/** Resolver is a CoreDNS on port 53: it gives an answer of its own, or asks the Internet and carries the answer in. */
interface Resolver {
  readonly kind: 'resolver';
  readonly answers: 'itself' | 'from outside';
}

/** Tier is the pod of a Deployment behind a Service of its name: an HTTP server that asks the next tier by name. */
interface Tier {
  readonly kind: 'tier';
  readonly port: number;
  /** Where the next tier answers, such as `http://api:8080`. */
  readonly next?: string;
}

const silent: Prober = { kind: 'prober', listens: [] };
const listening = (...listens: readonly number[]): Prober => ({ kind: 'prober', listens });

/** ACTORS are all pods that the tables speak of. */
export const ACTORS = {
  // `shop` is the namespace of the examples on the rules' pages.
  plain: { namespace: 'shop', labels: {}, does: silent },
  web: { namespace: 'shop', labels: { app: 'web' }, does: listening(8080) },
  database: { namespace: 'shop', labels: { app: 'database' }, does: listening(5432, 8080) },
  gateway: { namespace: 'shop', labels: { app: 'gateway' }, does: listening(8080) },
  frontend: { namespace: 'shop', labels: { role: 'frontend' }, does: silent },
  resolver: { namespace: 'shop', labels: { app: 'resolver' }, does: silent },
  operator: { namespace: 'shop', labels: { app: 'operator' }, does: silent },
  /** Labelled as cluster DNS is, in the namespace of the policies. */
  twin: { namespace: 'shop', labels: { 'k8s-app': 'kube-dns' }, does: { kind: 'resolver', answers: 'itself' } },
  /** In the namespace of cluster DNS, and none of its servers. */
  stray: { namespace: 'kube-system', labels: { app: 'stray' }, does: { kind: 'resolver', answers: 'itself' } },
  agent: { namespace: 'kube-system', labels: { app: 'agent' }, does: listening(8080) },
  /** A tenant's resolver that is labelled as cluster DNS is, and tunnels. */
  rogue: {
    namespace: 'tenant',
    labels: { 'k8s-app': 'kube-dns' },
    does: { kind: 'resolver', answers: 'from outside' },
  },
  /** Another one, without the labels. */
  neighbour: { namespace: 'tenant', labels: {}, does: { kind: 'resolver', answers: 'itself' } },
  /** Lets the world in, from a namespace of its own. */
  edge: { namespace: 'gateway', labels: { app: 'gateway' }, does: silent },
  /** Under no policy, ever. */
  bystander: { namespace: 'elsewhere', labels: {}, does: silent },
  // An application of three tiers, and what stands in front of it.
  'store-web': {
    namespace: 'store',
    labels: { app: 'web' },
    does: { kind: 'tier', port: 8080, next: 'http://api:8080' },
  },
  'store-api': {
    namespace: 'store',
    labels: { app: 'api' },
    does: { kind: 'tier', port: 8080, next: 'http://db:5432' },
  },
  'store-db': { namespace: 'store', labels: { app: 'db' }, does: { kind: 'tier', port: 5432 } },
  'store-job': { namespace: 'store', labels: { app: 'job' }, does: silent },
  controller: {
    namespace: 'ingress',
    labels: { app: 'controller' },
    does: { kind: 'tier', port: 8443, next: 'http://web.store:8080' },
  },
  'ingress-job': { namespace: 'ingress', labels: { app: 'job' }, does: silent },
} as const satisfies Readonly<Record<string, Actor>>;

export type ActorName = keyof typeof ACTORS;

/** actorOf widens an actor to what all have in common. */
export function actorOf(name: ActorName): Actor {
  return ACTORS[name];
}

/** namespacesOf are the namespaces of actors, each once. */
export function namespacesOf(names: readonly ActorName[]): readonly string[] {
  return [...new Set(names.map((name) => ACTORS[name].namespace))];
}
