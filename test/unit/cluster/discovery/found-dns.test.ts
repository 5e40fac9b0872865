import { describe, expect, test } from 'vitest';
import { isDnsService } from '../../../../src/cluster/discovery/dns-service.ts';
import { type Pod, readEndpointSlice, readPod } from '../../../../src/cluster/discovery/endpoints.ts';
import { dnsServerOf, endpointsOf, type FoundDns } from '../../../../src/cluster/discovery/found-dns.ts';
import { cacheInPods, cacheOnNodes, cacheServer } from '../../../../src/cluster/discovery/node-local-dns.ts';
import { readService, type Service } from '../../../../src/cluster/discovery/service.ts';
import { readObject } from '../../../../src/cluster/watch/kube-object.ts';
import { addressesOf } from '../../../../src/sets/cidr.ts';

const PORTS = [
  { name: 'dns', port: 53, protocol: 'UDP', targetPort: 'dns' },
  { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 'dns-tcp' },
  { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
];

function service(metadata: object, spec: object = {}): Service {
  return readService(
    readObject({
      metadata: { name: 'kube-dns', namespace: 'kube-system', resourceVersion: '1', ...metadata },
      spec: {
        clusterIP: '10.43.0.10',
        clusterIPs: ['10.43.0.10'],
        selector: { 'k8s-app': 'kube-dns' },
        ports: PORTS,
        ...spec,
      },
    }),
  );
}

function slice(addresses: string[], udp: number, tcp: number) {
  return readEndpointSlice(
    readObject({
      metadata: { name: 'slice', namespace: 'kube-system', resourceVersion: '1' },
      endpoints: [{ addresses }],
      ports: [
        { name: 'dns', port: udp, protocol: 'UDP' },
        { name: 'dns-tcp', port: tcp, protocol: 'TCP' },
      ],
    }),
  );
}

function pod(labels: Record<string, string>, spec: object = {}, phase = 'Running'): Pod {
  const read = readPod(
    readObject({
      metadata: { name: 'pod', namespace: 'kube-system', resourceVersion: '1', labels },
      spec: { containers: [{ ports: [{ name: 'dns', containerPort: 5353, protocol: 'UDP' }] }], ...spec },
      status: { phase, podIPs: [{ ip: '10.42.0.9' }] },
    }),
  );
  if (read === undefined) throw new Error('left out');
  return read;
}

const NAMESPACES = ['kube-system', 'dns'];

describe('isDnsService', () => {
  test.each([
    ['kubeadm', service({}), true],
    ['RKE2', service({ name: 'rke2-coredns-rke2-coredns' }), true],
    ['a namespace that the operator names', service({ name: 'dns-default', namespace: 'dns' }), true],
    [
      'OpenShift, where nobody names its namespace',
      service({ name: 'dns-default', namespace: 'openshift-dns' }),
      false,
    ],
    ['a CoreDNS chart release', service({ name: 'my-coredns', labels: { 'app.kubernetes.io/name': 'coredns' } }), true],
    ['another name with the usual label', service({ name: 'upstream', labels: { 'k8s-app': 'kube-dns' } }), true],
    ['UDP and TCP apart', service({}, { ports: PORTS.slice(0, 1) }), true],
    [
      'a metrics Service of the same pods',
      service({ labels: { 'k8s-app': 'kube-dns' } }, { ports: PORTS.slice(2) }),
      false,
    ],
    ['a tenant who poses as DNS', service({ namespace: 'shop', labels: { 'k8s-app': 'kube-dns' } }), false],
    ['some other Service of kube-system', service({ name: 'metrics-server' }), false],
    ['a name alone', service({}, { type: 'ExternalName', externalName: 'dns.example', selector: null }), false],
    ['a name alone with all the rest', service({}, { type: 'ExternalName', externalName: 'dns.example' }), false],
    ['no ports', service({}, { ports: null, selector: null, clusterIP: undefined, clusterIPs: undefined }), false],
    ['SCTP 53', service({}, { ports: [{ port: 53, protocol: 'SCTP' }] }), false],
  ])('%s', (_, found, expected) => {
    expect(isDnsService(found, NAMESPACES)).toBe(expected);
  });
});

/** The server that is found where this stands behind a Service. */
function found(dns: FoundDns) {
  const endpoints = endpointsOf(dns);
  if (endpoints === undefined) throw new Error('nothing stands behind it');
  return dnsServerOf(dns.service, endpoints);
}

describe('dnsServerOf', () => {
  test('tells the ports that pods listen on, by number and by name, as on OpenShift', () => {
    const pods = [pod({ 'k8s-app': 'kube-dns', hash: 'x' }), pod({ 'k8s-app': 'kube-dns', hash: 'x' })];
    const server = found({ service: service({}), slices: [slice(['10.42.0.9', '10.42.1.9'], 5353, 5354)], pods });
    expect(server).toMatchObject({
      kind: 'pods',
      name: 'kube-system/kube-dns',
      namespace: 'kube-system',
      ports: { udp: [5353], tcp: [5354], udpNames: ['dns'], tcpNames: ['dns-tcp'] },
    });
    expect(server.addresses.equals(addressesOf('10.43.0.10/32', '10.42.0.9/32', '10.42.1.9/32'))).toBe(true);
    if (server.kind !== 'pods') throw new Error('not pods');
    expect(server.livePods).toEqual([
      new Map([
        ['k8s-app', 'kube-dns'],
        ['hash', 'x'],
      ]),
    ]);
    expect(server.pods.matches(new Map([['k8s-app', 'kube-dns']]))).toBe(true);
    expect(server.namespaces.matches(new Map([['kubernetes.io/metadata.name', 'kube-system']]))).toBe(true);
  });

  test('without endpoints, the pods say what a named port is, and else the Service', () => {
    expect(found({ service: service({}), slices: [], pods: [pod({})] }).ports).toMatchObject({
      udp: [5353],
      tcp: [53],
    });
    const numeric = service({}, { ports: [{ port: 53, protocol: 'UDP', targetPort: 8053 }] });
    expect(found({ service: numeric, slices: [slice([], 1, 1)], pods: [pod({})] }).ports).toMatchObject({
      udp: [8053],
      tcp: [],
    });
  });

  test('without pods nothing is said of their labels', () => {
    const dns = { service: service({}), slices: [slice(['10.42.0.9'], 53, 53)], pods: [] };
    expect(found(dns)).toMatchObject({ kind: 'pods', livePods: undefined });
  });

  test('a pod that waits for its node and its address is enough', () => {
    const waiting = { ...pod({ 'k8s-app': 'kube-dns' }), addresses: [] };
    expect(found({ service: service({}), slices: [], pods: [waiting] }).kind).toBe('pods');
  });

  test.each([
    ['neither pod nor endpoint', {}, []],
    ['slices without endpoints', {}, [slice([], 53, 53)]],
    ['no selector and no endpoint', { selector: null }, []],
    ['addresses that are none', {}, [slice(['dns.example'], 53, 53)]],
  ])('nothing stands behind a Service with %s', (_, spec, slices) => {
    expect(endpointsOf({ service: service({}, spec), slices, pods: [] })).toBeUndefined();
  });

  test('a Service without a selector is known by its addresses', () => {
    const server = found({
      service: service({}, { selector: null }),
      slices: [slice(['10.0.0.7'], 53, 53)],
      pods: [],
    });
    expect(server).toMatchObject({ kind: 'addresses', blocks: ['10.0.0.7/32', '10.43.0.10/32'], trusted: false });
  });

  test('so are servers on the network of their node', () => {
    const server = found({ service: service({}), slices: [], pods: [pod({}, { hostNetwork: true })] });
    expect(server.kind).toBe('addresses');
  });

  test('headless Services and both families', () => {
    const server = found({
      service: service({}, { clusterIP: 'None', clusterIPs: ['None'] }),
      slices: [slice(['fd00::9'], 53, 53)],
      pods: [],
    });
    expect(server.addresses.equals(addressesOf('fd00::9/128'))).toBe(true);
  });
});

describe('pods that have ended', () => {
  test.each(['Succeeded', 'Failed'])('%s', (phase) => {
    expect(() => pod({}, {}, phase)).toThrow('left out');
  });
});

describe('NodeLocal DNSCache', () => {
  const onNode = (...args: string[]) =>
    pod({ 'k8s-app': 'node-local-dns' }, { containers: [{ args }], hostNetwork: true });
  const inPod = (...ports: object[]) => pod({ 'k8s-app': 'node-local-dns' }, { containers: [{ ports }] });

  test.each([
    ['two arguments', ['-localip', '169.254.20.11,10.43.0.10', '-conf', 'x'], ['169.254.20.11/32']],
    ['one argument', ['--localip=169.254.25.10'], ['169.254.25.10/32']],
    ['IPv6', ['-localip', 'fe80::53'], ['fe80::53/128']],
    ['nothing of use', ['-localip', '__PILLAR__LOCAL__DNS__'], ['169.254.20.10/32', '169.254.25.10/32']],
    ['a flag without its value', ['-localip'], ['169.254.20.10/32', '169.254.25.10/32']],
  ])('on the network of the nodes is known by address: %s', (_, args, blocks) => {
    const endpoints = cacheOnNodes([onNode(...args), onNode(...args), inPod()]);
    if (endpoints === undefined) throw new Error('no cache');
    expect(cacheServer('kube-system', endpoints)).toMatchObject({ kind: 'addresses', blocks, trusted: false });
  });

  test('in pods of its own is a peer like any other', () => {
    const endpoints = cacheInPods([onNode(), inPod({ name: 'dns', containerPort: 1053, protocol: 'UDP' })]);
    if (endpoints === undefined) throw new Error('no cache');
    const server = cacheServer('dns', endpoints);
    expect(server).toMatchObject({
      kind: 'pods',
      name: 'dns/node-local-dns',
      namespace: 'dns',
      isCache: true,
      ports: { udp: [1053], tcp: [53], udpNames: ['dns'], tcpNames: [] },
    });
    if (server.kind !== 'pods') throw new Error('not pods');
    expect(server.pods.matches(new Map([['k8s-app', 'node-local-dns']]))).toBe(true);
    expect(server.pods.matches(new Map([['k8s-app', 'other']]))).toBe(false);
  });

  test('is not there without its pods', () => {
    expect([cacheOnNodes([inPod()]), cacheInPods([onNode()])]).toEqual([undefined, undefined]);
  });
});
