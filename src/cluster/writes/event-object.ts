import type { Json } from '../../objects/fields.ts';
import { metaTime } from '../../objects/meta-time.ts';
import { plain } from '../../objects/plain-text.ts';

/** NamespaceEvent is news for the people responsible for a namespace. */
export interface NamespaceEvent {
  readonly namespace: string;
  /** Of the Namespace, so that the Event is not treated as one about another Namespace of that name. */
  readonly uid?: string | undefined;
  readonly type: 'Normal' | 'Warning';
  /** Such as `BaselineApplied`: a word for machines. */
  readonly reason: string;
  readonly message: string;
  readonly action?: string | undefined;
}

/** EventSource is the reporter: `netpol-guard`, and which process of it, such as the pod's name. */
export interface EventSource {
  readonly component: string;
  readonly instance: string;
}

/** Limits of pkg/apis/core/validation/events.go, in bytes; what is longer is refused. */
const MOST_MESSAGE = 1024;
const MOST_WORD = 128;

/** eventObject writes the core/v1 Event, without eventNews. `firstAt` is in milliseconds since the epoch. */
export function eventObject(
  event: NamespaceEvent,
  name: string,
  { component, instance }: EventSource,
  firstAt: number,
) {
  const { namespace, uid, type, reason, action } = event;
  // An Event lies in the namespace of what it is about, so of a Namespace that is said to be within itself.
  const involvedObject = { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace };
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { namespace, name },
    involvedObject: uid === undefined ? involvedObject : { ...involvedObject, uid },
    type,
    reason: cut(reason, MOST_WORD),
    action: action === undefined ? undefined : cut(action, MOST_WORD),
    source: { component },
    reportingComponent: component,
    reportingInstance: cut(instance, MOST_WORD),
    firstTimestamp: metaTime(firstAt),
  };
}

/** eventNews writes what changes when the same happens again, with a message that may hold what others wrote. `lastAt` is in milliseconds since the epoch. */
export function eventNews({ message }: NamespaceEvent, count: number, lastAt: number): Json {
  return { count, lastTimestamp: metaTime(lastAt), message: cut(plain(message), MOST_MESSAGE) };
}

/** Only whole characters: the decoder keeps an unfinished one back. */
function cut(text: string, mostBytes: number): string {
  if (Buffer.byteLength(text) <= mostBytes) return text;
  const bytes = Buffer.from(text).subarray(0, mostBytes - 3);
  return `${new TextDecoder().decode(bytes, { stream: true })}...`;
}
