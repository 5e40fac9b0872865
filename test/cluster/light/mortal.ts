import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** mortal writes a script into `folder` that runs a program which the kernel kills once its parent is gone. */
export function mortal(folder: string, name: string, program: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\nexec setpriv --pdeathsig KILL -- '${program}' "$@"\n`, { mode: 0o755 });
  return file;
}
