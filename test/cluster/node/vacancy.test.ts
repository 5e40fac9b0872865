import { describe, expect, it } from 'vitest';
import { chooseInstance, type Instance } from './instance.ts';
import { listHidden } from './mounts.ts';
import { type Findings, listObstacles, stateOf } from './vacancy.ts';

const instance: Instance = chooseInstance(['--instance', '2'], { XDG_STATE_HOME: '/state' });
const keeper = { pid: 20, started: '200' };
const init = { pid: 30, started: '300' };
const starter = { pid: 10, started: '100' };

function findings(changes: Partial<Findings> = {}): Findings {
  return { hasFolder: false, hasLink: false, rivals: [], isAlive: () => true, ...changes };
}

describe('the place of a cluster', () => {
  it('is chosen by an option, then by the environment', () => {
    const env = { NETPOL_GUARD_CLUSTER_INSTANCE: '7', XDG_STATE_HOME: '/state' };
    expect(chooseInstance([], env)).toMatchObject({ number: 7, link: 'netpol-guard7', nodeAddress: '10.99.7.2' });
    expect(chooseInstance(['--instance', '2'], env).folder).toBe('/state/netpol-guard/cluster-2');
    expect(chooseInstance([], { XDG_STATE_HOME: '/state' }).number).toBe(0);
  });

  it.each([
    [['--instance', '10'], {}, '--instance: "10" is no instance; give a number from 0 to 9'],
    [['--instance'], {}, '--instance: "" is no instance; give a number from 0 to 9'],
    [
      [],
      { NETPOL_GUARD_CLUSTER_INSTANCE: 'a' },
      'NETPOL_GUARD_CLUSTER_INSTANCE: "a" is no instance; give a number from 0 to 9',
    ],
    [['--number', '1'], {}, '--number 1: no such option; say --instance N, or nothing'],
  ])('is refused: %j %j', (argv, env, message) => {
    expect(() => chooseInstance(argv, env)).toThrow(message);
  });

  it('is not below what the node has of its own', () => {
    expect(listHidden(['/root/.local/state', '/var/library', '/var/lib/jenkins/state'])).toEqual([
      '/var/lib/jenkins/state cannot be seen in the node, which has its own /var/lib; move it elsewhere',
    ]);
  });

  it('is vacant where nothing is', () => {
    expect(stateOf(findings())).toBe('vacant');
    expect(listObstacles(instance, findings())).toEqual([]);
  });

  it('is taken by a cluster that runs', () => {
    const found = findings({ hasFolder: true, keeping: { keeper, init } });
    expect(listObstacles(instance, found)).toEqual([
      'cluster 2 runs already: export KUBECONFIG=/state/netpol-guard/cluster-2/kubeconfig; npm run cluster:down -- --instance 2 ends it',
    ]);
  });

  it('is taken by a cluster that is being started', () => {
    const found = findings({ hasFolder: true, starter });
    expect(listObstacles(instance, found)).toEqual([
      'cluster 2 is being started by process 10; wait for it, or end it',
    ]);
  });

  it.each<[string, Partial<Findings>]>([
    ['its starter is gone', { starter, isAlive: () => false }],
    ['its keeper is gone', { keeping: { keeper, init }, isAlive: ({ pid }) => pid !== keeper.pid }],
    ['its node is gone', { keeping: { keeper, init }, isAlive: ({ pid }) => pid !== init.pid }],
    ['its node never came', { keeping: { keeper } }],
    ['nobody left word', {}],
  ])('is half-dead where %s', (_, changes) => {
    expect(listObstacles(instance, findings({ hasFolder: true, ...changes }))).toEqual([
      'cluster 2 is half-dead: /state/netpol-guard/cluster-2 is there, and its node is not; npm run cluster:down -- --instance 2 clears it away',
    ]);
  });

  it('is not free while its link or its range is in use', () => {
    expect(listObstacles(instance, findings({ hasLink: true, rivals: ['docker0'] }))).toEqual([
      'the link netpol-guard2 is there without its cluster; npm run cluster:down -- --instance 2 clears it away',
      'docker0 has an address in 10.99.2.0/24; choose another place with --instance N',
    ]);
  });
});
