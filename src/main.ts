#!/usr/bin/env node
import manifest from '../package.json' with { type: 'json' };
import { ADMISSION_POLICIES, BASELINE, CLEANUP, SCAN, SERVE } from './cli/cluster-commands.ts';
import { type Command, helpOf, type Parsed, parseCommand } from './cli/command.ts';
import { commandOf, helpOfAll } from './cli/commands.ts';
import { complaint } from './cli/complaint.ts';
import { CONFIG_CHECK, EXPLAIN, FIX, LINT } from './cli/file-commands.ts';
import { fixOptions, lintFixOptions } from './cli/fix-options.ts';
import type { ExitCode, ProcessIo } from './cli/io.ts';
import {
  admissionPoliciesOptions,
  baselineOptions,
  cleanupOptions,
  lintOptions,
  scanOptions,
  serveOptions,
} from './cli/options.ts';
import { pinnedNodeProblem } from './cli/pinned-node.ts';
import { systemClock } from './runtime/system-clock.ts';

const { argv, env, stderr, stdin, stdout } = process;

const io: ProcessIo = {
  out: (text) => stdout.write(text),
  err: (text) => stderr.write(text),
  stdin: () => stdin,
  // https://no-color.org and https://force-color.org: any value but the empty one.
  colours: (env['NO_COLOR'] ?? '') === '' && (stdout.isTTY || (env['FORCE_COLOR'] ?? '') !== ''),
  clock: systemClock,
  env,
  onStop: (stop) => {
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  },
  onExit: (last) => process.once('exit', last),
};

/** Each command's code is loaded when it is called: `lint` loads no web server. */
async function call(command: Command, parsed: Parsed): Promise<ExitCode> {
  switch (command) {
    case FIX: {
      const { fix } = await import('./commands/fix.ts');
      return fix(fixOptions(parsed), io);
    }
    case LINT:
      return callLint(parsed);
    case EXPLAIN: {
      const { explain } = await import('./commands/explain.ts');
      return explain(parsed.positionals[0], io);
    }
    case SCAN: {
      const { scan } = await import('./commands/scan.ts');
      return scan(scanOptions(parsed), io);
    }
    case BASELINE: {
      const options = baselineOptions(parsed);
      const { baseline } = await import('./commands/baseline.ts');
      return baseline(options, io);
    }
    case ADMISSION_POLICIES: {
      const { admissionPolicies } = await import('./commands/admission-policies.ts');
      return admissionPolicies(admissionPoliciesOptions(parsed), io);
    }
    case CLEANUP: {
      const { cleanup } = await import('./commands/cleanup.ts');
      return cleanup(cleanupOptions(parsed), io);
    }
    case CONFIG_CHECK: {
      const { configCheck } = await import('./commands/config-check.ts');
      return configCheck(parsed.positionals[0] ?? '', io);
    }
    case SERVE: {
      const options = serveOptions(parsed);
      const { serve } = await import('./commands/serve.ts');
      return serve(options, io);
    }
    default:
      io.out(`netpol-guard ${manifest.version}\n`);
      return 0;
  }
}

async function callLint(parsed: Parsed): Promise<ExitCode> {
  const fixing = lintFixOptions(parsed);
  let fixed: ExitCode = 0;
  if (fixing !== undefined) {
    const { fix } = await import('./commands/fix.ts');
    fixed = await fix(fixing, io);
    if (fixing.diff) return fixed;
  }
  const { lint } = await import('./commands/lint.ts');
  const linted = await lint(lintOptions(parsed, manifest.version), io);
  return fixed === 2 ? 2 : linted;
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const [name] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.out(helpOfAll());
    return name === undefined ? 2 : 0;
  }
  const { command, rest } = commandOf(args);
  const parsed = parseCommand(command, rest);
  if (parsed.help) {
    io.out(helpOf(command));
    return 0;
  }
  const problem = asksCluster(command) ? pinnedNodeProblem(command.name) : undefined;
  if (problem === undefined) return call(command, parsed);
  io.err(`netpol-guard: ${problem}\n`);
  return 2;
}

/** Commands that talk to a cluster or serve one need a newer Node than the rest. */
function asksCluster(command: Command): boolean {
  return command === SERVE || command === SCAN || command === CLEANUP;
}

function outputProblem({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ENOSPC' ? 'no space left on device' : message;
}

/** Set once something could not be printed: a reader must not treat the rest as complete. */
let outputIsCut = false;

stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`| head`) is not an error.
  if (error.code === 'EPIPE' || outputIsCut) return;
  outputIsCut = true;
  process.exitCode = 2;
  io.err(`netpol-guard: standard output: ${outputProblem(error)}\n`);
});
// If standard error cannot be written either, there is nowhere left to report.
stderr.on('error', () => {});

try {
  const exitCode = await main(argv.slice(2));
  process.exitCode = outputIsCut ? 2 : exitCode;
} catch (error) {
  io.err(complaint(error));
  process.exitCode = 2;
}
