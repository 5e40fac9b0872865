import { describe, expect, inject, it } from 'vitest';
import { RELEASE } from '../harness/release.ts';
import { until } from '../harness/until.ts';
import { useProduct } from './product/fixture.ts';
import { demanded, SELECTOR, untilRolledOut } from './product/install.ts';
import { offer } from './product/offer.ts';
import { guardPods, secondsToReady } from './product/pods.ts';
import { record } from './report.ts';

const installed = useProduct();

const { namespace } = RELEASE;

describe('netpol-guard in the cluster', () => {
  it('runs as three replicas, in a namespace where Pod Security enforces its strictest level', async () => {
    const pods = await guardPods(installed.cluster);
    expect(pods).toHaveLength(3);
    expect(pods.map(({ status }) => status.containerStatuses[0]?.restartCount)).toEqual([0, 0, 0]);
    const root = await installed.cluster.kubectl([
      'run',
      'root',
      '-n',
      namespace,
      '--image=localhost/pause:1',
      '--dry-run=server',
    ]);
    expect(root.status).toBe(1);
    expect(root.stderr).toContain('violates PodSecurity "restricted:latest"');
    const time = `${Math.round(installed.installedIn / 1000)} s`;
    record('times', { what: 'netpol-guard installed: image, three replicas ready, webhooks obeyed', time });
    const seconds = pods.map(secondsToReady);
    record('times', {
      what: 'a replica, from the start of its container to Ready (told to the second)',
      time: `${Math.max(...seconds)} s at most`,
    });
  });

  it('has no shell, is not root and can write nowhere', async () => {
    const inside = ['exec', '-n', namespace, `deployment/${RELEASE.name}`, '--'];
    const shell = await installed.cluster.kubectl([...inside, 'sh', '-c', 'true']);
    expect(shell.stderr).toContain('executable file not found');
    const script =
      "let e; try { fs.writeFileSync('/tmp.txt', '') } catch (error) { e = error.code } console.log(process.getuid(), e)";
    expect(await demanded(installed.cluster, [...inside, 'node', '-e', script])).toBe('65532 EROFS\n');
  });

  it('is called by its Service: a bad policy is refused, and a good one is let in', async () => {
    const refused = await offer(installed.cluster, 'bad');
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('dns-open-to-anywhere');
    const admitted = await offer(installed.cluster, 'good');
    expect(admitted).toMatchObject({ status: 0, stderr: '' });
    const reviewed = await until('a replica to tell of the review', async () => {
      const logs = await demanded(installed.cluster, [
        'logs',
        '-n',
        namespace,
        '-l',
        SELECTOR,
        '--tail=-1',
        '--prefix',
      ]);
      return logs.split('\n').find((line) => line.includes('"name":"offered-bad"'));
    });
    expect(reviewed).toContain('[pod/netpol-guard-');
  });

  it('fails no admission while its replicas are replaced', async () => {
    // Each replica serves on for a quarter of a minute before it ends, so the short form replaces one.
    const [pod] = await guardPods(installed.cluster);
    const replaced =
      inject('form') === 'long'
        ? ['rollout', 'restart', `deployment/${RELEASE.name}`]
        : ['delete', 'pod', pod?.metadata.name ?? ''];
    const before = new Set((await guardPods(installed.cluster)).map(({ metadata }) => metadata.name));
    const unexpected: string[] = [];
    let offers = 0;
    let isOver = false;
    const offering = (async () => {
      while (!isOver) {
        const [bad, good] = await Promise.all([offer(installed.cluster, 'bad'), offer(installed.cluster, 'good')]);
        offers += 2;
        if (bad.status !== 1 || !bad.stderr.includes('dns-open-to-anywhere')) unexpected.push(bad.stderr);
        if (good.status !== 0) unexpected.push(good.stderr);
      }
    })();
    await demanded(installed.cluster, [...replaced, '-n', namespace]);
    await untilRolledOut(installed.cluster);
    const gone = inject('form') === 'long' ? [...before] : [pod?.metadata.name ?? ''];
    await until(
      'the old replicas to be gone',
      async () => {
        const present = (await guardPods(installed.cluster)).map(({ metadata }) => metadata.name);
        return gone.some((name) => present.includes(name)) ? undefined : true;
      },
      180_000,
    );
    isOver = true;
    await offering;
    expect(unexpected).toEqual([]);
    expect(offers).toBeGreaterThan(20);
    record('life', {
      event: `${gone.length} of netpol-guard's replicas replaced`,
      result: `${offers} policies offered meanwhile, each judged as ever: no admission failed`,
    });
  });
});
