import { expect, test } from 'vitest';
import { addressValue, serviceRange } from '../../../../src/cluster/discovery/service-range.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';
import { addressesOf } from '../../../../src/sets/cidr.ts';

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

test.each([
  ['kubeadm, with nodes out of it', ['172.18.0.2'], [], '10.96.0.0/12'],
  ['kind, with a node in what would be of kubeadm', ['10.99.0.2'], [], '10.96.0.0/16'],
  ['nobody known, with a node in both', ['10.96.200.2'], ['10.96.3.4'], '10.96.0.0/22'],
  ['nobody known, with a ClusterIP beyond the node', ['10.96.8.2'], ['10.96.200.4'], '10.96.0.0/21'],
])('no node has an address of the Service range of %s', (_, nodes, seen, expected) => {
  const values = (ips: readonly string[]) => ips.map((ip) => addressValue(ip) ?? 0n);
  const range = serviceRange('10.96.0.1', values(seen), values(nodes));
  expect(range.equals(addressesOf(expected))).toBe(true);
});

test('what is no address has no range', () => {
  expect(rangeOf('None').isEmpty).toBe(true);
});
