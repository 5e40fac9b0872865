import { asList, asObject, asString, field, firstOfEach } from '../../../objects/fields.ts';
import { InvalidObject } from '../../../objects/invalid-object.ts';
import { AddressSet } from '../../../sets/address-set.ts';
import { type Cidr, parseCidr } from '../../../sets/cidr.ts';
import type { AddressPeer, AllowRule, Peer, PodPeer } from '../../model/policy.ts';
import type { SelectorReader } from './label-selector.ts';
import type { ItemCount } from './size.ts';

/** RulePeers is whom one rule names; `key` is equal for rules that name the same, whatever their order. */
export interface RulePeers extends Pick<AllowRule, 'peers'> {
  readonly key: string;
}

/** What an item of `from` or `to` says, wherever it stands; `id` is another one for each different item of the policy. */
interface Said {
  readonly id: number;
  readonly peer: Omit<AddressPeer, 'path'> | Omit<PodPeer, 'path'>;
}

/**
 * PeerReader reads the `from` and `to` of one policy's rules. Equal items of a rule are one, at the place of the first; who
 * keeps the rule counts them.
 */
export class PeerReader {
  private readonly count: ItemCount;
  private readonly selectors: SelectorReader;
  private readonly said = new Map<string, Said>();

  constructor(count: ItemCount, selectors: SelectorReader) {
    this.count = count;
    this.selectors = selectors;
  }

  /** read reads a rule's `from` or `to`; a missing or empty list means everybody. */
  read(value: unknown, path: string): RulePeers {
    const peers = new Map<number, Peer>();
    for (const [i, item] of firstOfEach(asList(value, path))) {
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
    const object = asObject(value, path);
    const ipBlock = field(object, 'ipBlock');
    const namespaceSelector = field(object, 'namespaceSelector');
    const podSelector = field(object, 'podSelector');
    if (ipBlock === undefined) return this.sayPods(namespaceSelector, podSelector, path);
    if (namespaceSelector !== undefined || podSelector !== undefined) {
      throw new InvalidObject(path, 'an ipBlock goes with no selector in the same item');
    }
    return this.sayBlock(ipBlock, `${path}.ipBlock`);
  }

  private sayPods(namespaceSelector: unknown, podSelector: unknown, path: string): Said {
    if (namespaceSelector === undefined && podSelector === undefined) {
      throw new InvalidObject(path, 'names no peer: give a podSelector, a namespaceSelector or an ipBlock');
    }
    const namespaces =
      namespaceSelector === undefined ? OWN : this.selectors.read(namespaceSelector, `${path}.namespaceSelector`);
    const pods = this.selectors.read(podSelector, `${path}.podSelector`);
    return this.remember(`${namespaces.id} ${pods.id}`, () => ({
      kind: 'pods',
      namespaces: namespaces.selector,
      pods: pods.selector,
    }));
  }

  private sayBlock(value: unknown, path: string): Said {
    const object = asObject(value, path);
    const cidr = asString(field(object, 'cidr'), `${path}.cidr`);
    const except = new Map<string, string>();
    for (const [i, item] of asList(field(object, 'except'), `${path}.except`).entries()) {
      const place = `${path}.except[${i}]`;
      const text = asString(item, place);
      if (!except.has(text)) except.set(text, place);
    }
    return this.remember(JSON.stringify([cidr, ...[...except.keys()].sort()]), () => {
      this.count.add('exceptions', except.size);
      const excepted = [...except].map(([text, place]) => parsed(text, place).addresses);
      const { addresses } = parsed(cidr, `${path}.cidr`);
      return { kind: 'addresses', addresses: addresses.subtract(AddressSet.unionAll(excepted)), cidr };
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

function parsed(text: string, path: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new InvalidObject(path, `"${text}" is not a CIDR such as 10.0.0.0/8`);
  return cidr;
}
