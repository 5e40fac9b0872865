import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ISSUER } from '../../../../src/tls/rotation/issuer.ts';
import { authoritiesIn } from '../../../../src/tls/rotation/read-authority.ts';
import { takeStep } from '../../../../src/tls/rotation/take-step.ts';
import { bundleOf, type Trust, type TrustSettings, trustedBy } from '../../../../src/tls/rotation/trust.ts';
import { readTrust, type TrustData, writeTrust } from '../../../../src/tls/rotation/trust-data.ts';
import { issueAuthority, issueServing } from '../../../../src/tls/x509/issue.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;
const SETTINGS: TrustSettings = {
  authorityMs: 8760 * HOUR,
  certificateMs: 168 * HOUR,
  names: ['guard.security.svc', 'guard.security', '10.0.0.7', 'fd00::7'],
};

const NEVER = { freshUntil: 0, plainUntil: 0 };

const signing = (now: number) => ({ issuer: ISSUER, settings: SETTINGS, now });

async function begun(): Promise<Trust> {
  return takeStep({ kind: 'issue', previous: [] }, undefined, signing(NOW));
}

/** One in the middle of a change of the CA, after another one. */
async function changing(): Promise<Trust> {
  const announced = await takeStep({ kind: 'announce' }, await begun(), signing(NOW + HOUR));
  const switched = await takeStep({ kind: 'switch' }, announced, signing(NOW + 2 * HOUR));
  return takeStep({ kind: 'announce' }, switched, signing(NOW + 3 * HOUR));
}

describe('what is made for a cluster', () => {
  it('is a certificate for every name, from an hour ago, by a CA that outlives it', async () => {
    const { authority, pair, leavesUntil } = await begun();
    const leaf = new X509Certificate(pair.cert);
    expect(leaf.verify(new X509Certificate(authority.cert).publicKey)).toBe(true);
    expect(leaf.checkHost('guard.security.svc')).toBe('guard.security.svc');
    expect(leaf.checkIP('fd00::7')).toBe('fd00::7');
    expect(pair.names).toEqual(SETTINGS.names);
    expect(leaf.validFromDate.getTime()).toBe(NOW - HOUR);
    expect([pair.issued, pair.expires, leavesUntil]).toEqual([NOW, NOW + 168 * HOUR, NOW + 168 * HOUR]);
    expect(authority.expires).toBe(NOW + 8760 * HOUR);
  });

  it('never outlives its CA', async () => {
    const trust = await begun();
    const justBefore = signing(trust.authority.expires - HOUR);
    const renewed = await takeStep({ kind: 'renew', names: SETTINGS.names }, trust, justBefore);
    expect(renewed.pair.expires).toBe(trust.authority.expires);
  });
});

describe('the data of a Secret', () => {
  it.each([
    ['at first', begun],
    ['in the middle of a change', changing],
  ])('is read back as it was written, %s', async (_when, make) => {
    const trust = await make();
    expect(readTrust(writeTrust(trust))).toEqual(trust);
  });

  it('never holds the key of a CA that signs no more', async () => {
    const data = writeTrust(await changing());
    expect(Object.keys(data).sort()).toEqual([
      'ca.crt',
      'ca.key',
      'next-ca.crt',
      'next-ca.key',
      'path-secrets.json',
      'previous-ca.crt',
      'rotation.json',
      'tls.crt',
      'tls.key',
    ]);
  });

  const foreign = async () => {
    const validity = { notBefore: NOW, notAfter: NOW + HOUR };
    const authority = await issueAuthority('somebody', validity);
    const pair = await issueServing('x', { dnsNames: SETTINGS.names, addresses: [] }, validity, authority);
    return { 'ca.crt': authority.cert, 'ca.key': authority.key, 'tls.crt': pair.cert, 'tls.key': pair.key };
  };
  const without = (key: string) => async (data: TrustData) =>
    Object.fromEntries(Object.entries(data).filter(([name]) => name !== key));

  it.each<[what: string, change: (data: TrustData) => Promise<TrustData>, problem: RegExp]>([
    ['nothing', async () => ({}), /^it is empty$/],
    ['no CA', without('ca.crt'), /^ca.crt and ca.key: missing$/],
    ['no key of the CA', without('ca.key'), /^ca.crt and ca.key: missing$/],
    ['no certificate', without('tls.crt'), /^tls.crt and tls.key: missing$/],
    ['no state', without('rotation.json'), /^rotation.json: missing$/],
    ['a state that is no JSON', async (data) => ({ ...data, 'rotation.json': '{' }), /^rotation.json: /],
    ['another state', async (data) => ({ ...data, 'rotation.json': '[]' }), /^rotation.json: an object is expected$/],
    [
      'nonsense',
      async (data) => ({ ...data, 'tls.crt': 'nonsense' }),
      /the certificate cannot be read; PEM is expected/,
    ],
    [
      'the key of another',
      async (data) => ({ ...data, 'tls.key': (await foreign())['tls.key'] }),
      /the private key is not that of the certificate/,
    ],
    [
      'a pair of another CA',
      async (data) => ({
        ...data,
        ...(await foreign()),
        'ca.crt': data['ca.crt'] ?? '',
        'ca.key': data['ca.key'] ?? '',
      }),
      /the certificate is not signed by the CA/,
    ],
    [
      'all of it of another',
      async (data) => ({ ...data, ...(await foreign()) }),
      /CN=netpol-guard CA is expected, not CN=somebody/,
    ],
    [
      'the key of another CA',
      async (data) => ({ ...data, 'ca.key': (await foreign())['ca.key'] }),
      /the key is not that of the CA/,
    ],
    ['the next CA without its key', without('next-ca.key'), /^next-ca.crt and next-ca.key: missing$/],
  ])('is of no use with %s, and says why', async (_what, change, problem) => {
    const data = await change(writeTrust(await changing()));
    expect(() => readTrust(data)).toThrow(problem);
  });
});

describe('the secrets of the paths', () => {
  it('begin with one that may be published at once only where there has never been another one', async () => {
    const anew = await begun();
    expect(anew.paths).toEqual({ secrets: [expect.stringMatching(/^[0-9a-f]{32}$/)], made: NOW, ...NEVER });
    const first = await takeStep({ kind: 'issue', previous: [], first: true }, undefined, signing(NOW));
    expect(first.paths?.freshUntil).toBe(NOW + 600_000);
  });

  it('outlive a CA that has expired, and change with no certificate', async () => {
    const trust = await begun();
    const later = await takeStep({ kind: 'issue', previous: [] }, trust, signing(NOW + HOUR));
    expect(later.paths).toEqual(trust.paths);
    expect((await changing()).paths?.secrets).toHaveLength(1);
  });

  it('are made where an older version has left none, or restored', async () => {
    const trust = await begun();
    const { paths, ...older } = trust;
    if (paths === undefined) throw new Error('there are some');
    const made = await takeStep({ kind: 'make-secret' }, older, signing(NOW));
    expect(made.paths).toEqual({ secrets: [expect.stringMatching(/^[0-9a-f]{32}$/)], made: NOW, ...NEVER });
    expect(made.paths?.secrets).not.toEqual(paths.secrets);
    const restored = await takeStep({ kind: 'restore-secrets', paths }, older, signing(NOW));
    expect(restored).toEqual({ ...trust, generation: trust.generation + 1 });
  });

  it.each([
    ['none, as an older version writes it', undefined],
    ['no JSON', '{'],
    ['a list', '[]'],
    ['no list of secrets', '{"secrets":"a","made":0,"freshUntil":0,"plainUntil":0}'],
    ['no times', `{"secrets":["${'a'.repeat(32)}"],"made":0,"freshUntil":0}`],
    ['nothing that may be one', '{"secrets":["../x",7,""],"made":0,"freshUntil":0,"plainUntil":0}'],
  ])('are none where the Secret holds %s, and the certificates are good all the same', async (_what, text) => {
    const trust = await changing();
    const { 'path-secrets.json': _, ...data } = writeTrust(trust);
    const { paths: __, ...rest } = trust;
    expect(readTrust({ ...data, ...(text !== undefined && { 'path-secrets.json': text }) })).toEqual(rest);
  });

  it('are no more than eight, whoever writes them', async () => {
    const secrets = Array.from({ length: 20 }, (_, i) => `${'a'.repeat(30)}${10 + i}`);
    const trust = { ...(await begun()), paths: { secrets, made: 1, freshUntil: 0, plainUntil: 0 } };
    expect(readTrust(writeTrust(trust)).paths?.secrets).toEqual(secrets.slice(0, 8));
  });
});

describe('a bundle', () => {
  it('is read as the CAs of ours in it; others, and what is none, are passed over', async () => {
    const trust = await changing();
    const { cert } = await issueAuthority('somebody', { notBefore: NOW, notAfter: NOW + HOUR });
    const bundle = `nonsense\n${cert}${bundleOf(trustedBy(trust))}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`;
    expect(authoritiesIn(bundle).map(({ id }) => id)).toEqual(trustedBy(trust).map(({ id }) => id));
    expect(authoritiesIn('')).toEqual([]);
  });
});
