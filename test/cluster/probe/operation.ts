/** Transport is what a packet travels over. */
export type Transport = 'udp' | 'tcp';

/** Failure says why no answer came: silence, a refusal that came back, or no way there. */
export type Failure = 'timeout' | 'refused' | 'unreachable';

/** Lookup asks one server for the A records of a name. Each of the `tries` waits `timeoutMs`. */
export interface Lookup {
  readonly server: string;
  /** 53 where it is left out. */
  readonly port?: number;
  readonly protocol: Transport;
  readonly name: string;
  readonly timeoutMs: number;
  /** 1 where it is left out. Only silence is tried again. */
  readonly tries?: number;
}

/** Connect opens a TCP connection and closes it. */
export interface Connect {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** Send sends a few bytes to an echo and waits for them to come back. */
export interface Send extends Connect {
  readonly protocol: Transport;
}

/** Resolve asks as an application would: by /etc/resolv.conf and /etc/hosts. */
export interface Resolve {
  readonly name: string;
  readonly timeoutMs: number;
}

/** Listen opens an echo over UDP and one over TCP, on all addresses, for as long as the probe lives. */
export interface Listen {
  readonly port: number;
}

export type LookupOutcome =
  | { readonly outcome: 'answer'; readonly addresses: readonly string[] }
  | { readonly outcome: 'rcode'; readonly rcode: number }
  | { readonly outcome: Failure };

export type ResolveOutcome =
  | { readonly outcome: 'answer'; readonly addresses: readonly string[] }
  | { readonly outcome: 'failed'; readonly code: string }
  | { readonly outcome: 'timeout' };

/** Operations are what a probe can be asked, by name, each with its question and its outcome. */
export interface Operations {
  lookup: { ask: Lookup; outcome: LookupOutcome };
  connect: { ask: Connect; outcome: { readonly outcome: 'open' | Failure } };
  send: { ask: Send; outcome: { readonly outcome: 'echoed' | Failure } };
  resolve: { ask: Resolve; outcome: ResolveOutcome };
  listen: { ask: Listen; outcome: { readonly outcome: 'listening' | 'taken' } };
}

export type OperationName = keyof Operations;

/** Asked is one line into a probe. */
export interface Asked<Name extends OperationName = OperationName> {
  readonly id: number;
  readonly operation: Name;
  readonly ask: Operations[Name]['ask'];
}

/** Told is one line out of a probe. `fault` is an error that is no outcome of the network's. */
export type Told = { readonly id: number; readonly said: unknown } | { readonly id: number; readonly fault: string };
