import { describe, expect, it } from 'vitest';
import { BASELINE, CLEANUP, SCAN, SERVE } from '../../../src/cli/cluster-commands.ts';
import { helpOf, parseCommand, UsageError } from '../../../src/cli/command.ts';
import { COMMANDS, commandOf, helpOfAll } from '../../../src/cli/commands.ts';
import { EXPLAIN, LINT, VERSION } from '../../../src/cli/file-commands.ts';
import { baselineOptions, cleanupOptions, lintOptions, scanOptions, serveOptions } from '../../../src/cli/options.ts';

describe('parseCommand', () => {
  it('reads flags before, between and behind arguments', () => {
    const parsed = parseCommand(LINT, ['--level=strict', 'a.yaml', '-n', 'shop', '-', '--', '--b.yaml']);
    expect(lintOptions(parsed, '1.2.3')).toEqual({
      paths: ['a.yaml', '-', '--b.yaml'],
      level: 'strict',
      namespace: 'shop',
      format: 'text',
      version: '1.2.3',
    });
  });

  it.each([
    [LINT, ['a', '--frmat', 'json'], 'unknown flag --frmat; did you mean --format?'],
    [LINT, ['a', '-x'], 'unknown flag -x; netpol-guard lint --help lists them'],
    [LINT, ['a', '--format'], '--format needs a value: --format FORMAT'],
    [LINT, ['a', '--format='], '--format needs a value: --format FORMAT'],
    [LINT, ['a', '--format', 'jsno'], '--format: "jsno" is not one of text, json, sarif, github; did you mean json?'],
    [LINT, ['a', '--level', 'advice'], '--level: "advice" is not one of standard, strict'],
    [LINT, [], 'lint needs a file, a folder, or - for standard input; netpol-guard lint --help shows how'],
    [SERVE, ['--standalone=yes'], '--standalone takes no value'],
    [SERVE, ['now'], 'unexpected argument "now"; serve takes only flags'],
    [VERSION, ['1'], 'unexpected argument "1"; version takes only flags'],
    [EXPLAIN, ['a', 'b'], 'unexpected argument "b"; explain takes one rule'],
    [SERVE, ['--tls'], 'unknown flag --tls; did you mean --tls-cert-file or --tls-private-key-file?'],
    [LINT, ['a', '--constructor'], 'unknown flag --constructor; netpol-guard lint --help lists them'],
  ])('%$ refuses what it does not know: %j', (command, args, message) => {
    expect(() => parseCommand(command, args)).toThrow(new UsageError(message));
  });

  it('asks for nothing else where help is wanted', () => {
    expect(parseCommand(LINT, ['-h']).help).toBe(true);
  });
});

describe('commandOf', () => {
  it.each([
    [['lint', 'a'], 'lint', ['a']],
    [['--version'], 'version', []],
    [['config', 'check', 'a'], 'config check', ['a']],
    [['config', '--help'], 'config check', ['--help']],
  ])('finds the command of %j', (args, name, rest) => {
    const found = commandOf(args);
    expect([found.command.name, found.rest]).toEqual([name, rest]);
  });

  it.each([
    [['lnit', 'a'], 'unknown command "lnit"; did you mean lint?'],
    [['config'], 'unknown command "config"; did you mean config check?'],
    [['config', 'chekc', 'a'], 'unknown command "config chekc"; did you mean config check?'],
    [['check'], 'unknown command "check"; did you mean config check?'],
    [['policies'], 'unknown command "policies"; did you mean admission-policies?'],
    [['zebra'], 'unknown command "zebra"; netpol-guard --help lists all'],
  ])('knows none of %j', (args, message) => {
    expect(() => commandOf(args)).toThrow(new UsageError(message));
  });
});

describe('options', () => {
  it('of scan', () => {
    const parsed = parseCommand(SCAN, ['--kubeconfig', 'k', '--context', 'c', '-n', 'shop', '--format', 'json']);
    expect(scanOptions(parsed)).toEqual({ kubeconfig: 'k', context: 'c', namespaces: ['shop'], format: 'json' });
  });

  it('of scan, for several namespaces', () => {
    const parsed = parseCommand(SCAN, ['-n', 'shop,team-*', '--namespace', 'pay']);
    expect(scanOptions(parsed).namespaces).toEqual(['shop', 'team-*', 'pay']);
    expect(scanOptions(parseCommand(SCAN, ['-A']))).toEqual({ format: 'text' });
    expect(() => scanOptions(parseCommand(SCAN, ['-A', '-n', 'shop']))).toThrow(
      new UsageError('--all-namespaces cannot be used with --namespace'),
    );
  });

  it('of baseline, which asks the cluster that is named or none', () => {
    expect(baselineOptions(parseCommand(BASELINE, ['--offline'])).offline).toBe(true);
    expect(() => baselineOptions(parseCommand(BASELINE, ['--offline', '--context', 'c']))).toThrow(
      new UsageError('--offline cannot be used with --context'),
    );
  });

  it('of cleanup, which deletes nothing unless told', () => {
    expect(cleanupOptions(parseCommand(CLEANUP, []))).toEqual({ deleteBaseline: false });
    const parsed = parseCommand(CLEANUP, ['--delete-baseline', '--context', 'c']);
    expect(cleanupOptions(parsed)).toEqual({ deleteBaseline: true, context: 'c' });
  });

  it('of serve, without ports where none are given', () => {
    expect(serveOptions(parseCommand(SERVE, []))).toEqual({
      logLevel: 'info',
      standalone: false,
    });
    const args = [
      '--standalone',
      '--manifests',
      'm',
      '--port',
      '0',
      '--health-port=8',
      '--metrics-port=9',
      '--bind-address',
      '::1',
      '--config',
      'c',
      '--tls-cert-file',
      'a',
      '--tls-private-key-file',
      'b',
      '--log-level',
      'warn',
      '--shutdown-delay',
      '7',
    ];
    expect(serveOptions(parseCommand(SERVE, args))).toEqual({
      config: 'c',
      bindAddress: '::1',
      port: 0,
      healthPort: 8,
      metricsPort: 9,
      tls: { certFile: 'a', privateKeyFile: 'b' },
      logLevel: 'warn',
      shutdownDelaySeconds: 7,
      standalone: true,
      manifests: 'm',
    });
  });

  it.each([
    [['--port', '65536'], '--port: "65536" is not a port from 0 to 65535'],
    [['--health-port', 'http'], '--health-port: "http" is not a port from 0 to 65535'],
    [['--metrics-port', 'http'], '--metrics-port: "http" is not a port from 0 to 65535'],
    [['--shutdown-delay', '15s'], '--shutdown-delay: "15s" is not a number of seconds up to 999'],
    [['--tls-cert-file', 'a'], 'give both --tls-cert-file and --tls-private-key-file, or neither'],
    [['--manifests', 'm'], '--manifests needs --standalone'],
    [['--kubeconfig', 'k', '--standalone'], '--kubeconfig cannot be used with --standalone'],
    [
      ['--path-secret-file', 'p', '--standalone'],
      '--path-secret-file cannot be used with --standalone, whose paths have no secret',
    ],
  ])('of serve, where they contradict each other: %j', (args, message) => {
    expect(() => serveOptions(parseCommand(SERVE, args))).toThrow(new UsageError(message));
  });
});

it('a secret of the paths is given by a file, never by its value', () => {
  const { pathSecretFile } = serveOptions(parseCommand(SERVE, ['--path-secret-file', 'p']));
  expect(pathSecretFile).toBe('p');
});

describe('help', () => {
  it('lists every command', () => {
    for (const { name, summary } of COMMANDS) expect(helpOfAll()).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'));
  });

  it.each(COMMANDS)('of $name shows usage, every flag and examples', (command) => {
    const help = helpOf(command);
    expect(help).toContain(`Usage: netpol-guard ${command.name}`);
    for (const flag of [...Object.keys(command.flags), 'help']) expect(help).toContain(`--${flag}`);
    expect(help.split('\n').every((line) => line.length <= 120)).toBe(true);
    expect(help.endsWith('\n')).toBe(true);
  });
});
