import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ownNameservers } from '../../../../src/commands/serve/own-nameservers.ts';
import { ownRelease } from '../../../../src/commands/serve/own-release.ts';
import { folderOfTest } from '../served.ts';

describe('the nameservers of this pod', () => {
  let file = '';
  beforeEach(async () => {
    file = join(folderOfTest(), 'resolv.conf');
    await writeFile(file, 'search svc\nnameserver 10.96.0.10\n');
  });

  test.each(['ClusterFirst', 'ClusterFirstWithHostNet'])('are those of the cluster under %s', async (policy) => {
    expect(await ownNameservers({ POD_DNS_POLICY: policy }, file)).toEqual(['10.96.0.10']);
  });

  test.each(['Default', 'None', '', undefined])('say nothing of the cluster under %s', async (policy) => {
    expect(await ownNameservers({ POD_DNS_POLICY: policy }, file)).toEqual([]);
  });

  test('say nothing where there is no such file', async () => {
    expect(await ownNameservers({ POD_DNS_POLICY: 'ClusterFirst' }, `${file}-not`)).toEqual([]);
  });
});

test('the own objects are in the own namespace, under the name of the release', () => {
  expect(ownRelease({})).toBeUndefined();
  expect(ownRelease({ POD_NAMESPACE: '' })).toBeUndefined();
  expect(ownRelease({ POD_NAMESPACE: 'security' })).toEqual({ namespace: 'security', name: 'netpol-guard' });
  const env = { POD_NAMESPACE: 'security', RELEASE_NAME: 'guard' };
  expect(ownRelease(env)).toEqual({ namespace: 'security', name: 'guard' });
});
