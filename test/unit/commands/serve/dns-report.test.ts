import { describe, expect, it } from 'vitest';
import { type Pod, readPod } from '../../../../src/cluster/discovery/endpoints.ts';
import { dnsServerOf, endpointsOf } from '../../../../src/cluster/discovery/found-dns.ts';
import { cacheInPods, cacheOnNodes, cacheServer } from '../../../../src/cluster/discovery/node-local-dns.ts';
import { readService } from '../../../../src/cluster/discovery/service.ts';
import { readObject } from '../../../../src/cluster/watch/kube-object.ts';
import { type DnsFindings, dnsReport } from '../../../../src/commands/serve/dns-report.ts';
import { readConfiguration } from '../../../../src/config/load.ts';
import { dnsFacts } from '../../../../src/policy/dns/facts.ts';
import type { DnsServer } from '../../../../src/policy/model/dns-server.ts';
import { AddressSet } from '../../../../src/sets/address-set.ts';

const settingsOf = (yaml = '') =>
  readConfiguration(`apiVersion: netpol-guard.io/v1alpha1\nkind: GuardConfiguration\n${yaml}`, 'test').settings;

function pod(app: string, ip: string, spec: object = {}): Pod {
  const metadata = { name: ip, namespace: 'kube-system', resourceVersion: '1', labels: { 'k8s-app': app } };
  const read = readPod(readObject({ metadata, spec, status: { podIP: ip } }));
  if (read === undefined) throw new Error('has ended');
  return read;
}

function service(name: string, clusterIPs: readonly string[], pods: readonly Pod[], app = 'kube-dns'): DnsServer {
  const ports = ['UDP', 'TCP'].map((protocol) => ({ name: protocol, protocol, port: 53 }));
  const metadata = { name, namespace: 'kube-system', resourceVersion: '1' };
  const of = readService(readObject({ metadata, spec: { clusterIPs, selector: { 'k8s-app': app }, ports } }));
  const endpoints = endpointsOf({ service: of, slices: [], pods });
  if (endpoints === undefined) throw new Error('nothing is behind it');
  return dnsServerOf(of, endpoints);
}

const COREDNS = pod('kube-dns', '10.244.0.7');
const KUBE_DNS = service('kube-dns', ['10.96.0.10'], [COREDNS]);

function cache(hostNetwork: boolean, localIPs: string): DnsServer {
  const spec = { hostNetwork, containers: [{ args: ['-localip', localIPs] }] };
  const pods = [pod('node-local-dns', '10.244.0.9', spec)];
  const endpoints = hostNetwork ? cacheOnNodes(pods, ['10.96.0.10']) : cacheInPods(pods);
  if (endpoints === undefined) throw new Error('no cache');
  return cacheServer('kube-system', endpoints);
}

interface Given extends Partial<Omit<DnsFindings, 'snapshot'>> {
  readonly yaml?: string;
  readonly mismatch?: string;
}

function reportOf({ servers = [], idleServices = [], nameservers = [], yaml, mismatch }: Given) {
  const settings = settingsOf(yaml);
  const dns = dnsFacts(settings, servers, { get: () => undefined, values: () => [] }, mismatch);
  const services = { ranges: AddressSet.empty, apiServerEndpoints: [] };
  return dnsReport({ servers, idleServices, nameservers, snapshot: { dns, services } }, settings);
}

describe('what is said of cluster DNS', () => {
  it('is each server with its pods, ports and addresses, and that the baseline opens it', () => {
    expect(reportOf({ servers: [KUBE_DNS] })).toEqual({
      found: [
        'cluster DNS: kube-system/kube-dns (pods k8s-app=kube-dns, UDP 53 and TCP 53 at 10.96.0.10 and 10.244.0.7)',
        'the baseline default-deny lets pods reach kube-system/kube-dns',
      ],
      warnings: [],
    });
  });

  it('names both families', () => {
    const both = service('kube-dns', ['10.96.0.10', 'fd00:10:96::a'], [pod('kube-dns', 'fd00:10:244::7')]);
    expect(reportOf({ servers: [both] }).found[0]).toContain('at 10.96.0.10, fd00:10:96::a and fd00:10:244::7)');
  });

  it('tells a cache in pods of its own from one on the network of the nodes', () => {
    const { found, warnings } = reportOf({ servers: [KUBE_DNS, cache(false, '10.96.0.10')] });
    expect(found.slice(1)).toEqual([
      'cluster DNS: kube-system/node-local-dns (pods k8s-app=node-local-dns, UDP 53 and TCP 53 at 10.244.0.9)',
      'the baseline default-deny lets pods reach kube-system/kube-dns and kube-system/node-local-dns',
    ]);
    expect(warnings).toEqual([]);
    expect(reportOf({ servers: [KUBE_DNS, cache(true, '169.254.20.10,10.96.0.10')] }).found[1]).toBe(
      'cluster DNS: NodeLocal DNSCache (pods k8s-app=node-local-dns on the network of their nodes, UDP 53 and TCP 53 at 10.96.0.10 and 169.254.20.10)',
    );
  });

  it('is that a Service is no resolver, and what to do, where nothing is behind it', () => {
    const given = { idleServices: ['kube-system/kube-dns'] };
    expect(reportOf(given)).toEqual({
      found: [],
      warnings: [
        'the Service kube-system/kube-dns has neither pods nor endpoints, so it is not a resolver',
        'no cluster DNS was found in kube-system; name its namespace in dns.namespaces or, where DNS runs on the nodes, list the nameserver address of the pods in dns.servers; until then no namespace is locked down',
      ],
    });
    expect(reportOf({ ...given, nameservers: ['172.20.0.10'] }).warnings[1]).toContain(
      ', as in dns.servers: [{ipBlocks: ["172.20.0.10/32"], ports: [53]}];',
    );
    expect(reportOf({ ...given, servers: [cache(true, '169.254.20.10')] }).warnings).toEqual([
      'the Service kube-system/kube-dns has neither pods nor endpoints, so it is not a resolver',
    ]);
  });

  it('is nothing of that where the configuration names the address', () => {
    const yaml = 'dns: {servers: [{ipBlocks: [172.20.0.10/32], ports: [53]}]}\n';
    expect(reportOf({ idleServices: ['kube-system/kube-dns'], nameservers: ['172.20.0.10'], yaml })).toEqual({
      found: [
        'the configuration names cluster DNS: 172.20.0.10/32; that is used instead',
        'the baseline default-deny lets pods reach 172.20.0.10/32',
      ],
      warnings: [],
    });
  });

  it('is no warning of DNS pods that go on where a cloud answers in their place', () => {
    const { found, warnings } = reportOf({ servers: [KUBE_DNS], yaml: 'dns: {presets: [gke-cloud-dns]}\n' });
    expect(found.slice(1)).toEqual([
      'the configuration names cluster DNS: Cloud DNS; that is used instead',
      'the baseline default-deny lets pods reach Cloud DNS',
    ]);
    expect(warnings).toEqual([]);
  });

  it('warns where the configuration names another server than the one found', () => {
    const { warnings } = reportOf({ servers: [KUBE_DNS], yaml: 'dns: {presets: [openshift]}\n' });
    expect(warnings).toEqual([
      'the baseline default-deny would miss kube-system/kube-dns (pods k8s-app=kube-dns, UDP 53 and TCP 53 at 10.96.0.10 and 10.244.0.7): pods that ask it could not resolve names; add it to dns.servers or to the template',
    ]);
  });

  it('warns where a template of the operator opens another port', () => {
    const yaml = `baseline:
  template: own
  templates:
    own:
      - {part: default-deny-egress}
      - apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: lookups}
        spec:
          podSelector: {}
          policyTypes: [Egress]
          egress:
            - to:
                - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
                  podSelector: {matchLabels: {k8s-app: kube-dns}}
              ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
`;
    expect(reportOf({ servers: [KUBE_DNS], yaml }).warnings).toEqual([]);
    const gardener = { ...KUBE_DNS, ports: { udp: [8053], tcp: [8053], udpNames: [], tcpNames: [] } };
    expect(reportOf({ servers: [gardener], yaml }).warnings[0]).toContain(
      'the baseline own would miss kube-system/kube',
    );
  });

  it.each([
    ['Cloud DNS', '169.254.169.254', 'dns.presets: [gke-cloud-dns]'],
    ['LocalDNS', '169.254.10.11', 'dns.presets: [aks-local-dns]'],
    ['a cache that is not found', '169.254.20.10', 'dns.presets: [node-local-dns]'],
    ['an address that no preset has', 'fd00::53', 'dns.servers: [{ipBlocks: ["fd00::53/128"], ports: [53]}]'],
  ])('warns where pods are given %s', (_, nameserver, setting) => {
    const sentence = `pods are given the nameserver ${nameserver}, which is not among the DNS servers found, so the baseline would miss it; set in the configuration ${setting}`;
    expect(reportOf({ servers: [KUBE_DNS], nameservers: [nameserver] }).warnings).toEqual([sentence]);
    expect(reportOf({ servers: [KUBE_DNS], mismatch: nameserver }).warnings).toEqual([sentence]);
  });

  it('says nothing of the baseline where it isolates nothing for egress', () => {
    for (const yaml of ['baseline: {template: none}\n', 'baseline: {template: default-deny-ingress}\n']) {
      expect(reportOf({ servers: [KUBE_DNS], yaml }).found).toHaveLength(1);
    }
  });
});
