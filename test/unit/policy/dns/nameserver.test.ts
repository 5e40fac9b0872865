import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foreignNameserver, nameserversIn } from '../../../../src/policy/dns/nameserver.ts';
import { DNS_PRESETS } from '../../../../src/policy/dns/presets.ts';
import type { DnsServer } from '../../../../src/policy/model/dns-server.ts';
import { addressesOf } from '../../../../src/sets/cidr.ts';

const [KUBE_DNS] = DNS_PRESETS.get('kube-dns') ?? [];
if (KUBE_DNS === undefined) throw new Error('no such preset');

const at = (...ips: string[]): DnsServer => ({ ...KUBE_DNS, addresses: addressesOf(...ips.map((ip) => `${ip}/32`)) });

describe('the nameserver that pods are given', () => {
  test.each<[string, string[], DnsServer[], string | undefined]>([
    ['the Service', ['10.96.0.10'], [at('10.96.0.10', '10.42.0.3')], undefined],
    ['a cache beside it', ['169.254.20.10'], [at('10.96.0.10'), at('169.254.20.10')], undefined],
    ['another one', ['169.254.169.254'], [at('10.96.0.10')], '169.254.169.254'],
    ['another one that is asked first', ['10.0.0.53', '10.96.0.10'], [at('10.96.0.10')], '10.0.0.53'],
    ['another one that is asked last', ['10.96.0.10', '10.0.0.53'], [at('10.96.0.10')], undefined],
    ['of the other family', ['fd00::a'], [at('10.96.0.10')], 'fd00::a'],
    ['none', [], [at('10.96.0.10')], undefined],
    ['no address', ['dns.example'], [at('10.96.0.10')], undefined],
    ['any, where nothing was found', ['10.0.0.53'], [], undefined],
    ['any, where the addresses are not known', ['10.0.0.53'], [at()], undefined],
  ])('%s', (_, nameservers, servers, foreign) => {
    expect(foreignNameserver(nameservers, servers)).toBe(foreign);
  });

  test('is one of those found wherever these hold it', () => {
    fc.assert(
      fc.property(fc.array(fc.ipV4(), { minLength: 1 }), fc.nat(), (ips, n) => {
        expect(foreignNameserver([ips[n % ips.length] ?? ''], [at(...ips)])).toBeUndefined();
      }),
    );
  });
});

describe('a resolv.conf', () => {
  test("is read as the kubelet writes it, and as a node's may be", () => {
    const text = [
      '# nameserver 192.0.2.1',
      'search shop.svc.cluster.local svc.cluster.local cluster.local',
      'nameserver 10.96.0.10',
      '\tnameserver\tfe80::53%eth0  ',
      'nameserver',
      'options ndots:5',
      'nameservers 192.0.2.2',
    ].join('\n');
    expect(nameserversIn(text)).toEqual(['10.96.0.10', 'fe80::53']);
  });

  test('that is empty, or anything else, names none', () => {
    expect(nameserversIn('')).toEqual([]);
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(nameserversIn(text))));
  });
});
