import { FIRST_FAULT } from '../../../objects/faults.ts';
import { parsePath, printPath } from '../../../objects/field-path.ts';
import { asList, asObject, field, type Json } from '../../../objects/fields.ts';
import { ItemCount } from '../../model/size.ts';
import { SelectorReader } from './label-selector.ts';
import { PeerReader } from './peers.ts';
import { PortReader } from './ports.ts';

/** Repeated is an egress rule: its key, and the keys of the items of `to`. Equal keys have the same meaning. */
interface Repeated {
  readonly key: string;
  readonly peers: readonly string[];
}

/**
 * EgressRepeats finds equal rules of a spec, and equal items of `to`. A Policy has each of them once, at the place of the
 * first.
 */
export class EgressRepeats {
  private readonly rules: readonly Repeated[];
  private readonly byKey = new Map<string, number[]>();

  /** Throws if the spec is not valid. */
  constructor(spec: Json) {
    const reader = new RepeatReader(spec);
    this.rules = asList(field(spec, 'egress'), 'spec.egress').map((rule, i) => reader.read(rule, `spec.egress[${i}]`));
    for (const [i, { key }] of this.rules.entries()) {
      const same = this.byKey.get(key);
      if (same === undefined) this.byKey.set(key, [i]);
      else same.push(i);
    }
  }

  /**
   * of returns all paths with the same meaning as the given one, itself included, for the path of a rule, of a field of a
   * rule, or of an item of `to` and its parts. Other paths have no equal.
   */
  of(path: string): readonly string[] {
    const [spec, egress, rule, name, item, ...rest] = parsePath(path);
    const own = typeof rule === 'number' ? this.rules[rule] : undefined;
    if (spec !== 'spec' || egress !== 'egress' || own === undefined) return [path];
    const rules = this.byKey.get(own.key) ?? [];
    if (item === undefined)
      return rules.map((i) => printPath(['spec', 'egress', i, ...(name === undefined ? [] : [name])]));
    const peer = name === 'to' && typeof item === 'number' ? own.peers[item] : undefined;
    if (peer === undefined) return [path];
    return rules.flatMap((i) => this.peersOf(i, peer).map((k) => printPath(['spec', 'egress', i, 'to', k, ...rest])));
  }

  private peersOf(rule: number, key: string): readonly number[] {
    return (this.rules[rule]?.peers ?? []).flatMap((peer, k) => (peer === key ? [k] : []));
  }
}

/** RepeatReader gives equal keys to rules that the readers of a Policy treat as equal. It reads an aliased object once. */
class RepeatReader {
  private readonly ports: PortReader;
  private readonly peers: PeerReader;
  private readonly known = new Map<unknown, Repeated>();

  constructor(spec: Json) {
    const count = new ItemCount(spec);
    this.ports = new PortReader(count, FIRST_FAULT);
    this.peers = new PeerReader(count, new SelectorReader(count, FIRST_FAULT), FIRST_FAULT);
  }

  read(value: unknown, path: string): Repeated {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    const rule = asObject(value, path);
    const to = asList(field(rule, 'to'), `${path}.to`);
    const peers = to.map((item, k) => this.peers.read([item], `${path}.to[${k}]`).key);
    const { key: whom } = this.peers.read(to, `${path}.to`);
    const { key: what } = this.ports.read(field(rule, 'ports'), `${path}.ports`);
    const found = { key: `${whom} ${what}`, peers };
    this.known.set(value, found);
    return found;
  }
}
