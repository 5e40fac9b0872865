import type { LabelSelector } from '../../sets/label-selector.ts';
import type { ValueSet } from '../../sets/value-set.ts';
import type { DnsPods } from '../model/dns-server.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { PodPeer } from '../model/policy.ts';
import { KUBE_DNS, OPENSHIFT } from './dns-places.ts';

/** Labels that distributions give to DNS pods but not to namespaces. */
const POD_KEYS: ReadonlySet<string> = new Set(['k8s-app', OPENSHIFT.label]);
/** Values that DNS pods often have in labels that namespaces may have too. */
const APP_KEYS: ReadonlySet<string> = new Set(['app', 'app.kubernetes.io/name']);
const APPS: ReadonlySet<string> = new Set(['kube-dns', 'coredns', 'node-local-dns']);

/**
 * MisplacedLabels are labels that a peer requires of the namespace although the DNS pods carry them, or the other way
 * round.
 */
export interface MisplacedLabels {
  /** Key of a label of pods in `namespaceSelector`. */
  readonly ofPods?: string | undefined;
  /** Key of a label of namespaces in `podSelector`. */
  readonly ofNamespace?: string | undefined;
}

/** misplacedLabels finds the labels that are in the wrong selector of a peer; undefined where there are none. */
export function misplacedLabels({ namespaces, pods }: PodPeer, server: DnsPods): MisplacedLabels | undefined {
  const ofPods = namespaces === 'own' ? undefined : keyOf(namespaces, (key, set) => isOfPods(key, set, server));
  const ofNamespace = keyOf(pods, (key, set) => isOfNamespace(key, set, server));
  return ofPods === undefined && ofNamespace === undefined ? undefined : { ofPods, ofNamespace };
}

/** asksNamespaceForPodLabel holds where the selector asks for what the namespace of these pods does not carry. */
export function asksNamespaceForPodLabel(selector: LabelSelector, { namespace }: DnsPods): boolean {
  const isOfApp = (key: string, set: ValueSet) => namespace === KUBE_DNS.namespace && namesApp(key, set);
  return keyOf(selector, (key, set) => POD_KEYS.has(key) || isOfApp(key, set)) !== undefined;
}

/** asksPodsForOther holds where the selector asks the DNS pods for a label of their namespace, or of other DNS pods. */
export function asksPodsForOther(selector: LabelSelector, server: DnsPods): boolean {
  const isOfOpenShift = (key: string) => key === OPENSHIFT.label && !server.pods.constraints.has(key);
  return keyOf(selector, (key, set) => isOfOpenShift(key) || isOfNamespace(key, set, server)) !== undefined;
}

/** The first key whose label has to be there and which is meant. */
function keyOf(selector: LabelSelector, isMeant: (key: string, set: ValueSet) => boolean): string | undefined {
  for (const [key, set] of selector.constraints) if (!set.absent && isMeant(key, set)) return key;
  return undefined;
}

/** Keys such as `app` are given to namespaces too: there it takes a value that DNS pods have. */
function isOfPods(key: string, set: ValueSet, { pods, namespaces }: DnsPods): boolean {
  if (namespaces.constraints.has(key)) return false;
  const hasValueOfPods = !set.complement && pods.constraints.get(key)?.intersects(set) === true;
  return POD_KEYS.has(key) || namesApp(key, set) || hasValueOfPods;
}

function namesApp(key: string, set: ValueSet): boolean {
  return APP_KEYS.has(key) && !set.complement && [...set.values].every((value) => APPS.has(value));
}

/** The label may have any key, `name` above all, where its value is the namespace's name. */
function isOfNamespace(key: string, set: ValueSet, { namespace, pods }: DnsPods): boolean {
  if (pods.constraints.has(key)) return false;
  return key === NAMESPACE_NAME || (!set.complement && namespace !== undefined && set.has(namespace));
}
