import { type Opening, openingsFor } from './anywhere.ts';
import { DNS_PROTOCOLS } from './dns-reach.ts';
import type { PortEntry } from './model.ts';
import { type InternetRule, internetRules } from './openings.ts';
import type { Situation } from './situation.ts';

/** ReportedOpenings is what the changed policy opens to anywhere, so that no part of it is reported twice. */
export interface ReportedOpenings {
  /** For `egress-open-to-anywhere`. */
  readonly everyPort: readonly Opening[];
  /** For `dns-open-to-anywhere`. */
  readonly dns: readonly Opening[];
}

const NOTHING: ReportedOpenings = { everyPort: [], dns: [] };

const memory = new WeakMap<Situation, ReportedOpenings>();

/** reportedOpenings is found once for each situation. */
export function reportedOpenings(situation: Situation): ReportedOpenings {
  if (situation.policy === undefined || internetRules(situation.policy).length === 0) return NOTHING;
  let reported = memory.get(situation);
  if (reported === undefined) {
    const everyPort = DNS_PROTOCOLS.flatMap((protocol) =>
      openingsFor(situation, { protocol, port: 'every' }, new Set()),
    );
    const dns = DNS_PROTOCOLS.flatMap((protocol) => {
      const covered = new Set(everyPort.filter(({ aim }) => aim.protocol === protocol).flatMap(({ rules }) => rules));
      return situation.settings.dns.ports.flatMap((port) => openingsFor(situation, { protocol, port }, covered));
    });
    reported = { everyPort, dns };
    memory.set(situation, reported);
  }
  return reported;
}

/** entriesFor returns those items of `ports` that serve the opening. */
export function entriesFor({ rule }: InternetRule, { aim: { protocol, port } }: Opening): readonly PortEntry[] {
  return rule.entries.filter(({ ports }) =>
    port === 'every' ? !ports.numbers[protocol].isEmpty : ports.has(protocol, port),
  );
}

/** isReported holds where an opening that was reported holds this protocol and port of the rule. */
export function isReported(situation: Situation, open: InternetRule, protocol: 'UDP' | 'TCP', port: number): boolean {
  const { everyPort, dns } = reportedOpenings(situation);
  if (everyPort.some((opening) => opening.aim.protocol === protocol && opening.rules.includes(open))) return true;
  return dns.some(
    (opening) =>
      opening.rules.includes(open) &&
      (opening.aim.protocol === protocol && opening.aim.port === port
        ? true
        : entriesFor(open, opening).some((entry) => entry.ports.has(protocol, port))),
  );
}
