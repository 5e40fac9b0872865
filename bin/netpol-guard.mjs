#!/usr/bin/env node
/** What npm links as the command. npx remembers a command that was missing once, so this file exists before the first build. */
import { existsSync } from 'node:fs';

const program = new URL('../dist/netpol-guard.js', import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  process.stderr.write('netpol-guard: this checkout has not been built; run npm run build\n');
  process.exitCode = 2;
}
