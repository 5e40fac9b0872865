import { expect, test } from 'vitest';
import { addressValue, serviceRange } from '../../../src/cluster/service-range.ts';
import { AddressSet } from '../../../src/sets/address-set.ts';
import { addressesOf } from '../../../src/sets/cidr.ts';

function rangeOf(kubernetes: string, ...seen: string[]): AddressSet {
  return serviceRange(
    kubernetes,
    seen.map((ip) => addressValue(ip) ?? 0n),
  );
}

test.each([
  ['kubeadm', '10.96.0.1', [], '10.96.0.0/12'],
  ['K3s', '10.43.0.1', ['10.43.200.7'], '10.43.0.0/16'],
  ['OpenShift', '172.30.0.1', [], '172.30.0.0/16'],
  ['EKS', '10.100.0.1', ['10.100.0.10', '10.100.87.3'], '10.100.0.0/17'],
  ['a small range', '10.9.8.1', [], '10.9.8.0/24'],
  ['a range below a /24', '10.9.8.17', ['10.9.8.20'], '10.9.8.16/28'],
  ['one with an address of another range', '10.9.8.1', ['192.168.0.1', '10.9.7.255'], '10.9.8.0/24'],
  ['IPv6', 'fd00:10:96::1', ['fd00:10:96::ffff'], 'fd00:10:96::/112'],
  ['a larger one of IPv6', 'fd00:10:96::1', ['fd00:10:96::1:0'], 'fd00:10:96::/111'],
])('the Service range of %s', (_, kubernetes, seen, expected) => {
  expect(rangeOf(kubernetes, ...seen).equals(addressesOf(expected))).toBe(true);
});

test('what is no address has no range', () => {
  expect(rangeOf('None').isEmpty).toBe(true);
});
