import { ACTORS, type ActorName, actorOf } from './actors.ts';

/** Legend says what a name in the tables stands for. */
interface Legend {
  readonly name: string;
  readonly what: string;
}

const TARGETS: readonly Legend[] = [
  { name: 'dns/udp, dns/tcp', what: 'the Service of cluster DNS, asked for the address of `kubernetes`' },
  { name: 'a name', what: 'the same, as applications do: by getaddrinfo and /etc/resolv.conf' },
  {
    name: 'a name with a large answer',
    what: 'a Service of 60 addresses, which do not fit in a datagram of 512 bytes',
  },
  { name: 'an outside name', what: 'a name of the Internet, asked of cluster DNS' },
  { name: 'outside', what: 'a resolver out on the Internet, 198.51.100.53; each question has a name of its own' },
  { name: '`internet`', what: 'a client out there' },
];

/** LEGEND is for the page of results. */
export const LEGEND: readonly Legend[] = [...(Object.keys(ACTORS) as ActorName[]).map(pod), ...TARGETS];

function pod(name: ActorName): Legend {
  const { namespace, labels, what } = actorOf(name);
  const [label] = Object.entries(labels).map(([key, value]) => ` \`${key}: ${value}\``);
  return { name: `\`${name}\``, what: `pod of \`${namespace}\`${label ?? ''}: ${what}` };
}
