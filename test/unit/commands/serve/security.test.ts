import { describe, expect, it } from 'vitest';
import { certificateSource } from '../../../../src/commands/serve/security.ts';

const FILES = { certFile: 'tls.crt', privateKeyFile: 'tls.key' };
const POD = { POD_NAMESPACE: 'security' };

describe('the serving certificate', () => {
  it('comes from files where they are given, also where the mode is not said', () => {
    const files = { kind: 'files', files: FILES };
    expect(certificateSource({ tls: FILES, standalone: false }, { mode: undefined }, POD)).toEqual(files);
    expect(certificateSource({ tls: FILES, standalone: false }, { mode: 'existingSecret' }, POD)).toEqual(files);
    expect(certificateSource({ tls: FILES, standalone: true }, { mode: undefined }, {})).toEqual(files);
  });

  it('is kept in the Secret that is called after the release', () => {
    const options = { standalone: false };
    const secret = { kind: 'secret', namespace: 'security', name: 'netpol-guard' };
    expect(certificateSource(options, { mode: undefined }, POD)).toEqual(secret);
    expect(certificateSource(options, { mode: 'selfSigned' }, { ...POD, RELEASE_NAME: 'guard' })).toEqual({
      ...secret,
      name: 'guard',
    });
  });

  it('is for this machine alone without a cluster', () => {
    expect(certificateSource({ standalone: true }, { mode: 'selfSigned' }, {})).toEqual({ kind: 'loopback' });
  });

  it.each([
    [
      { tls: FILES, standalone: false },
      'selfSigned' as const,
      'tls.mode is selfSigned, which cannot be used with --tls-cert-file and --tls-private-key-file; remove one of them',
    ],
    [
      { standalone: false },
      'certManager' as const,
      'tls.mode is certManager, so serve needs --tls-cert-file and --tls-private-key-file: the files of the mounted Secret',
    ],
    [
      { standalone: false },
      undefined,
      'serve needs --tls-cert-file and --tls-private-key-file, or POD_NAMESPACE for the namespace of its Secret; with --standalone it makes its own certificate',
    ],
  ])('%j with mode %s: says what does not go together', (options, mode, message) => {
    expect(() => certificateSource(options, { mode }, {})).toThrow(message);
  });
});
