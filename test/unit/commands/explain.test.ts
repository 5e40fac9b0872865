import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/commands/explain.ts';
import { RULE_PAGES } from '../../../src/report/rule-pages.ts';
import { testIo } from '../cli/setup.ts';

function run(id?: string) {
  const io = testIo();
  return { exit: explain(id, io), ...io.printed };
}

describe('explain', () => {
  it.each(RULE_PAGES.map(({ id }) => id))('prints the page of %s', (id) => {
    const { exit, out, err } = run(id);
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^# ${id}\n`));
    expect(out).toContain('## Bad');
  });

  it('lists all rules', () => {
    const { exit, out } = run();
    expect(exit).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(RULE_PAGES.map(({ id }) => id));
  });

  it.each([
    ['dns-blokced', 'netpol-guard: there is no rule "dns-blokced"; did you mean dns-blocked?\n'],
    ['DNS-Blocked', 'netpol-guard: there is no rule "DNS-Blocked"; did you mean dns-blocked?\n'],
    [
      'dns',
      'netpol-guard: there is no rule "dns"; did you mean dns-blocked, dns-depends-on-cni or dns-partly-blocked? netpol-guard explain lists all\n',
    ],
    ['udp', 'netpol-guard: there is no rule "udp"; did you mean dns-over-udp-blocked?\n'],
    ['zebra', 'netpol-guard: there is no rule "zebra"; netpol-guard explain lists all\n'],
  ])('knows no rule %s', (id, message) => {
    expect(run(id)).toEqual({ exit: 2, out: '', err: message });
  });
});
