import { asObject, field, type Json } from '../../objects/fields.ts';
import { MalformedAnswer } from './api-error.ts';

/** WatchEvent is one line of a watch. `object` is the object itself, of an ERROR the Status. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Json;
}

const TYPES: readonly WatchEvent['type'][] = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'];

/** readWatchEvent reads one line; it throws MalformedAnswer for anything but an event. */
export function readWatchEvent(line: string): WatchEvent {
  const event = parseObject(line, 'line of a watch');
  const type = TYPES.find((known) => known === field(event, 'type'));
  const object = field(event, 'object');
  if (type === undefined || typeof object !== 'object') throw new MalformedAnswer('line of a watch: is not an event');
  return { type, object: asObject(object, 'object') };
}

/** parseObject parses JSON that must be an object; it throws MalformedAnswer if it is not. */
export function parseObject(text: string, what: string): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new MalformedAnswer(`${what}: is not JSON`, { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new MalformedAnswer(`${what}: is not a JSON object`);
  }
  return asObject(parsed, what);
}
