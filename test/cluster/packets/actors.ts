/** Actor is a pod of the stage. Policies pick it by its namespace and labels, and its port by a name if it has one. */
export interface Actor {
  /** For the page of results. */
  readonly what: string;
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
  /** What it calls its port over UDP. */
  readonly portName?: string;
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

/** ACTORS are all pods that the tables speak of. `shop` is the namespace of the examples on the rules' pages. */
export const ACTORS = {
  plain: { what: 'without labels', namespace: 'shop', labels: {}, does: silent },
  web: { what: 'listens on 8080', namespace: 'shop', labels: { app: 'web' }, does: listening(8080) },
  database: {
    what: 'listens on 5432 and 8080',
    namespace: 'shop',
    labels: { app: 'database' },
    does: listening(5432, 8080),
  },
  gateway: { what: 'listens on 8080', namespace: 'shop', labels: { app: 'gateway' }, does: listening(8080) },
  frontend: { what: 'a client', namespace: 'shop', labels: { role: 'frontend' }, does: silent },
  resolver: { what: 'a client', namespace: 'shop', labels: { app: 'resolver' }, does: silent },
  operator: { what: 'a client', namespace: 'shop', labels: { app: 'operator' }, does: silent },
  twin: {
    what: 'answers DNS, labelled as cluster DNS is, in the namespace of the policies; calls its UDP 53 `web`',
    namespace: 'shop',
    labels: { 'k8s-app': 'kube-dns' },
    does: { kind: 'resolver', answers: 'itself', portName: 'web' },
  },
  stray: {
    what: 'answers DNS, in the namespace of cluster DNS, and is none of its servers',
    namespace: 'kube-system',
    labels: { app: 'stray' },
    does: { kind: 'resolver', answers: 'itself' },
  },
  agent: { what: 'listens on 8080', namespace: 'kube-system', labels: { app: 'agent' }, does: listening(8080) },
  rogue: {
    what: "a tenant's resolver, labelled as cluster DNS is, that carries questions out and answers in",
    namespace: 'tenant',
    labels: { 'k8s-app': 'kube-dns' },
    does: { kind: 'resolver', answers: 'from outside' },
  },
  neighbour: {
    what: "a tenant's resolver without the labels of one",
    namespace: 'tenant',
    labels: {},
    does: { kind: 'resolver', answers: 'itself' },
  },
  edge: { what: 'lets the world in', namespace: 'gateway', labels: { app: 'gateway' }, does: silent },
  bystander: { what: 'under no policy, ever', namespace: 'elsewhere', labels: {}, does: silent },
  'store-web': {
    what: 'first tier of an application; asks the second',
    namespace: 'store',
    labels: { app: 'web' },
    does: { kind: 'tier', port: 8080, next: 'http://api:8080' },
  },
  'store-api': {
    what: 'second tier; asks the third',
    namespace: 'store',
    labels: { app: 'api' },
    does: { kind: 'tier', port: 8080, next: 'http://db:5432' },
  },
  'store-db': {
    what: 'third tier',
    namespace: 'store',
    labels: { app: 'db' },
    does: { kind: 'tier', port: 5432 },
  },
  'store-job': { what: 'beside the three tiers', namespace: 'store', labels: { app: 'job' }, does: silent },
  controller: {
    what: 'an ingress controller; asks the first tier',
    namespace: 'ingress',
    labels: { app: 'controller' },
    does: { kind: 'tier', port: 8443, next: 'http://web.store:8080' },
  },
  'ingress-job': { what: 'beside the controller', namespace: 'ingress', labels: { app: 'job' }, does: silent },
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
