import { LabelSelector } from '../../sets/label-selector.ts';
import { misplacedLabels } from '../dns/misplaced-label.ts';
import { describeSelector, shorten } from '../model/describe.ts';
import type { DnsPods } from '../model/dns-server.ts';
import { NAMESPACE_NAME } from '../model/labels.ts';
import type { PodPeer } from '../model/policy.ts';

/** misplacedText names the labels of a peer that are in the wrong selector, as a clause; undefined if none are. */
export function misplacedText(peer: PodPeer, servers: readonly DnsPods[]): string | undefined {
  const found = servers.flatMap((server) => {
    const labels = misplacedLabels(peer, server);
    return labels === undefined ? [] : [{ server, ...labels }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  const { namespaces } = peer;
  const { server, ofPods, ofNamespace } = found.find((one) => isCarried(namespaces, one.ofPods, one.server)) ?? first;
  if (namespaces === 'own' || ofPods === undefined) return namespaceText(peer, ofNamespace ?? NAMESPACE_NAME, server);
  const asked = labelText(namespaces, ofPods);
  const right = describeSelector(server.pods);
  const text =
    asked === right
      ? `selects namespaces by a label of pods: ${asked} is a label of the DNS pods and belongs in podSelector`
      : `selects namespaces by a label of pods, ${asked}; the DNS pods are ${right}, in podSelector`;
  return ofNamespace === undefined
    ? `${text} of the same item`
    : `${text}, as ${nameText(peer, ofNamespace, server)} does in namespaceSelector`;
}

function namespaceText(peer: PodPeer, key: string, server: DnsPods): string {
  const [asked, right] = [labelText(peer.pods, key), nameText(peer, key, server)];
  return asked === right
    ? `selects pods by a label of namespaces: ${right} belongs in namespaceSelector of the same item`
    : `selects pods by the name of a namespace, ${asked}; ${right} belongs in namespaceSelector of the same item`;
}

/** The label that certainly selects a namespace, in place of the one that was written. */
function nameText({ pods }: PodPeer, key: string, { namespace }: DnsPods): string {
  return namespace === undefined ? labelText(pods, key) : `${NAMESPACE_NAME}=${namespace}`;
}

function isCarried(namespaces: PodPeer['namespaces'], key: string | undefined, { pods }: DnsPods): boolean {
  if (namespaces === 'own' || key === undefined) return false;
  const [asked, carried] = [namespaces.constraints.get(key), pods.constraints.get(key)];
  return asked !== undefined && carried?.intersects(asked) === true;
}

function labelText({ constraints }: LabelSelector, key: string): string {
  const set = constraints.get(key);
  return set === undefined ? shorten(key) : describeSelector(new LabelSelector(new Map([[key, set]])));
}
