import type { Faults } from '../../../objects/faults.ts';
import { asList, asObject, field, firstOfEach, onlyFields } from '../../../objects/fields.ts';
import type { AddressPeer, AllowRule, Peer, PodPeer } from '../../model/policy.ts';
import type { ItemCount } from '../../model/size.ts';
import { addressesOf, readIpBlock } from './ip-block.ts';
import type { SelectorReader } from './label-selector.ts';

/** RulePeers are the peers of one rule; `key` is equal for rules that name the same peers in any order. */
export interface RulePeers extends Pick<AllowRule, 'peers'> {
  readonly key: string;
}

/** An item of `from` or `to`, independent of its rule; `id` is unique among the different items of the policy. */
interface Said {
  readonly id: number;
  readonly peer: Omit<AddressPeer, 'path'> | Omit<PodPeer, 'path'>;
}

/**
 * PeerReader reads the `from` and `to` of one policy's rules. Equal items of a rule are one, at the place of the first;
 * whatever keeps the rule counts them.
 */
export class PeerReader {
  private readonly count: ItemCount;
  private readonly selectors: SelectorReader;
  private readonly faults: Faults;
  private readonly said = new Map<string, Said>();

  constructor(count: ItemCount, selectors: SelectorReader, faults: Faults) {
    this.count = count;
    this.selectors = selectors;
    this.faults = faults;
  }

  /** read reads a rule's `from` or `to`; a missing or empty list means every peer. */
  read(value: unknown, path: string): RulePeers {
    const peers = new Map<number, Peer>();
    for (const [i, item] of firstOfEach(asList(value, path, this.faults))) {
      const place = `${path}[${i}]`;
      const { id, peer } = this.say(item, place);
      if (peers.has(id)) continue;
      peers.set(id, { ...peer, path: place });
      this.count.demandRoom('peers', peers.size);
    }
    const key = [...peers.keys()].sort((a, b) => a - b).join();
    return { key, peers: peers.size === 0 ? 'any' : [...peers.values()] };
  }

  private say(value: unknown, path: string): Said {
    const object = asObject(value, path, this.faults);
    onlyFields(object, path, ['podSelector', 'namespaceSelector', 'ipBlock'], this.faults);
    const ipBlock = field(object, 'ipBlock');
    const namespaceSelector = field(object, 'namespaceSelector');
    const podSelector = field(object, 'podSelector');
    const selects = namespaceSelector !== undefined || podSelector !== undefined;
    if (ipBlock !== undefined) {
      if (selects) this.faults.unreadable(path, 'has an ipBlock beside a selector; put them in two items');
      return this.sayBlock(ipBlock, `${path}.ipBlock`);
    }
    if (!selects) {
      this.faults.unreadable(
        path,
        'names no peer; give a podSelector, a namespaceSelector or an ipBlock, or leave the whole list out',
      );
    }
    return this.sayPods(namespaceSelector, podSelector, path);
  }

  private sayPods(namespaceSelector: unknown, podSelector: unknown, path: string): Said {
    const pods = this.selectors.read(podSelector, `${path}.podSelector`);
    const namespaces =
      namespaceSelector === undefined ? OWN : this.selectors.read(namespaceSelector, `${path}.namespaceSelector`);
    return this.remember(`${namespaces.id} ${pods.id}`, () => ({
      kind: 'pods',
      namespaces: namespaces.selector,
      pods: pods.selector,
    }));
  }

  private sayBlock(value: unknown, path: string): Said {
    const block = readIpBlock(value, path, this.faults);
    return this.remember(JSON.stringify([block.cidr, ...[...block.except.keys()].sort()]), () => {
      this.count.add('exceptions', block.except.size);
      return { kind: 'addresses', addresses: addressesOf(block, path, this.faults), cidr: block.cidr };
    });
  }

  private remember(key: string, make: () => Said['peer']): Said {
    const known = this.said.get(key);
    if (known !== undefined) return known;
    const said = { id: this.said.size, peer: make() };
    this.said.set(key, said);
    return said;
  }
}

const OWN = { id: 'own', selector: 'own' } as const;
