import { isAnywhere, publicAtoms } from './atoms.ts';
import { type Expectation, strongest } from './expectation.ts';
import type { RuleManifest, World } from './manifest.ts';
import {
  addressesOf,
  egressRules,
  goesAnywhere,
  opensName,
  opensNumber,
  reachesPod,
  type Transport,
} from './matching.ts';
import { DNS_SELECTOR, MENTIONED_DESTINATIONS, type PodDestination, podOfNewNamespace } from './places.ts';
import { podStates } from './states.ts';
import { PORT_SAMPLES } from './vocabulary.ts';

/** The ports that the rule is about: the number 53, and the names of DNS pods' ports. */
const PORTS: readonly { readonly protocol: Transport; readonly name?: string }[] = [
  { protocol: 'UDP' },
  { protocol: 'TCP' },
  { protocol: 'UDP', name: 'dns' },
  { protocol: 'TCP', name: 'dns-tcp' },
];

/** A DNS pod as any tenant can label one, in a namespace that any tenant can make. */
const rogueResolver = podOfNewNamespace(DNS_SELECTOR);

function opens(rules: readonly RuleManifest[], home: string, to: PodDestination, port: (typeof PORTS)[number]) {
  const there = rules.filter((rule) => reachesPod(rule, home, to));
  const { protocol, name } = port;
  if (name === undefined) return there.some((rule) => opensNumber(rule, protocol, 53));
  const everyPort = PORT_SAMPLES.every((sample) => there.some((rule) => opensNumber(rule, protocol, sample)));
  return everyPort || there.some((rule) => opensName(rule, protocol, name));
}

/** clusterOpening says what the contract expects of `dns-open-to-cluster`. */
export function clusterOpening(world: World): Expectation {
  const { after } = world;
  if (after === undefined) return 'not blamed';
  const home = world.namespace;
  return strongest(
    podStates(world, after).flatMap((state) =>
      PORTS.map((port): Expectation => {
        const own = egressRules([after], state.pod);
        if (!opens(own, home, rogueResolver, port)) return 'absent';
        // A rule without `to` on port 53 is reported as an opening to anywhere, pods included, unless another opening
        // has taken its addresses and left the pods.
        const wide = state.after.some((rule) => !goesAnywhere(rule) && isAnywhere(publicAtoms(addressesOf(rule))));
        const unbounded = (rules: readonly RuleManifest[], as = port) =>
          opens(rules.filter(goesAnywhere), home, rogueResolver, as);
        if (port.name === undefined && unbounded(state.after)) return unbounded(own) && !wide ? 'absent' : 'open';
        if (port.name !== undefined && unbounded(state.after, { protocol: port.protocol })) return 'open';
        if (world.operation === 'AUDIT') return 'blamed';
        if (!opens(state.before, home, rogueResolver, port)) {
          // Whether a name and the number that DNS pods give it grant more than each other is left open.
          const otherwise = PORTS.filter(({ protocol }) => protocol === port.protocol);
          return otherwise.some((way) => opens(state.before, home, rogueResolver, way)) ? 'open' : 'blamed';
        }
        const grewElsewhere = MENTIONED_DESTINATIONS.some(
          (to) => opens(state.after, home, to, port) && !opens(state.before, home, to, port),
        );
        return grewElsewhere ? 'open' : 'standing';
      }),
    ),
  );
}
