import { describe, expect, test } from 'vitest';
import { CredentialsError } from '../../../../src/cluster/access/credentials.ts';
import { askPlugin } from '../../../../src/cluster/access/exec-plugin.ts';

const LIMITS = { milliseconds: 30_000, bytes: 10_000 };

function ask(script: string, limits = LIMITS) {
  const exec = { command: process.execPath, args: ['-e', script] };
  return askPlugin({ exec, user: 'joe', env: process.env }, limits);
}

const printing = (status: unknown) => `console.log(JSON.stringify({status: ${JSON.stringify(status)}}))`;

const PLUGIN = `the exec plugin "${process.execPath}" of user "joe"`;

describe('a plugin gives', () => {
  test('a token, and until when it holds', async () => {
    const expirationTimestamp = '2026-11-30T12:00:00Z';
    expect(await ask(printing({ token: 'secret', expirationTimestamp }))).toEqual({
      token: 'secret',
      expires: Date.UTC(2026, 10, 30, 12),
    });
  });

  test('a certificate with its key', async () => {
    const status = { clientCertificateData: 'a certificate', clientKeyData: 'a key' };
    expect(await ask(printing(status))).toEqual({ cert: 'a certificate', key: 'a key' });
  });

  test('what it makes of its own environment and that of the kubeconfig', async () => {
    const script =
      'console.log(JSON.stringify({status: {token: [process.env.A, process.env.B, process.env.KUBERNETES_EXEC_INFO].join()}}))';
    const exec = {
      apiVersion: 'v1',
      command: process.execPath,
      args: ['-e', script],
      env: [{ name: 'B', value: 'own' }],
    };
    const { token } = await askPlugin({ exec, user: 'joe', env: { ...process.env, A: 'given', B: 'given' } });
    expect(token).toBe('given,own,{"apiVersion":"v1","kind":"ExecCredential","spec":{"interactive":false}}');
  });
});

describe('a plugin that', () => {
  test.each([
    [
      'fails',
      'console.error("session\\nexpired"); process.exit(3)',
      'failed: session expired; log in again, or run it by hand',
    ],
    ['fails in silence', 'process.exit(3)', 'failed without a message; log in again, or run it by hand'],
    ['is killed', 'process.kill(process.pid, "SIGKILL")', 'failed without a message; log in again, or run it by hand'],
    [
      'prints nothing',
      '',
      'did not print an ExecCredential with a token or a certificate; run it by hand to see what it prints',
    ],
    [
      'prints no JSON',
      'console.log("Welcome!")',
      'did not print an ExecCredential with a token or a certificate; run it by hand to see what it prints',
    ],
    [
      'prints a word',
      'console.log("null")',
      'did not print an ExecCredential with a token or a certificate; run it by hand to see what it prints',
    ],
    [
      'gives no status',
      'console.log("{}")',
      'did not print an ExecCredential with a token or a certificate; run it by hand to see what it prints',
    ],
    [
      'gives half a pair',
      printing({ clientCertificateData: 'x' }),
      'did not print an ExecCredential with a token or a certificate; run it by hand to see what it prints',
    ],
    [
      'printed too much',
      'for (;;) require("fs").writeSync(1, "x".repeat(1000))',
      'printed too much; log in again, or run it by hand',
    ],
  ])('%s is named', async (_, script, said) => {
    const error: unknown = await ask(script).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CredentialsError);
    expect(error).toMatchObject({ message: `${PLUGIN} ${said}` });
  });

  test('waits for ever is ended, and whoever it has started is not waited for', async () => {
    const script =
      'require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => {}, 20000)"], {stdio: "inherit"}); setInterval(() => {}, 1000)';
    const begun = performance.now();
    await expect(ask(script, { ...LIMITS, milliseconds: 500 })).rejects.toThrow(
      `${PLUGIN} did not end within 0.5 s; log in again, or run it by hand`,
    );
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test.each([
    [
      { command: 'netpol-guard-no-such-plugin' },
      'is not installed, or not on the PATH; install it, or name another context with --context',
    ],
    [
      { command: 'netpol-guard-no-such-plugin', installHint: 'see\nour wiki' },
      'is not installed, or not on the PATH; see our wiki',
    ],
    [{ command: '/' }, /cannot be run: .*EACCES/],
  ])('cannot be started is named: %j', async (exec, said) => {
    await expect(askPlugin({ exec, user: 'joe', env: process.env })).rejects.toThrow(said);
  });
});
