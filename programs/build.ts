import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type ModuleName, RECIPES, type Recipe } from './recipes.ts';

/** Older ones refuse the go.mod files here, and machines of ours reach no server to get another one from. */
const OLDEST_GO = [1, 26] as const;
const PROGRESS_MS = 10_000;

/**
 * build compiles a module with Go and returns the folder of its programs; one built before is taken from the cache
 * (`$XDG_CACHE_HOME/netpol-guard/programs/<module>-<key>`). Throws an Error that names what is missing on this machine.
 */
export async function build(module: ModuleName): Promise<string> {
  const recipe: Recipe = RECIPES[module];
  const source = join(import.meta.dirname, module);
  const version = goVersion();
  const folder = join(cacheHome(), 'netpol-guard', 'programs', `${module}-${cacheKey(source, version)}`);
  if (existsSync(folder)) return folder;

  demandLibraries(recipe);
  mkdirSync(join(folder, '..'), { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    for (const [name, from] of Object.entries(recipe.programs)) {
      await compile(source, recipe, from, join(unfinished, name));
    }
    if (!existsSync(folder)) renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** compile shows how far it is: cold, a program of Kubernetes takes minutes. */
async function compile(source: string, recipe: Recipe, from: string, to: string): Promise<void> {
  const flags = ['-v', '-trimpath', '-buildvcs=false', '-ldflags', linkerFlags(source, recipe)];
  const tags = recipe.tags === undefined ? [] : ['-tags', recipe.tags];
  const cgo = recipe.libraries === undefined ? '0' : '1';
  const env = { ...process.env, CGO_ENABLED: cgo, GOWORK: 'off', GOTOOLCHAIN: 'local' };
  const child = spawn('go', ['build', ...flags, ...tags, '-o', to, from], {
    cwd: source,
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  const ended = once(child, 'close');
  const started = Date.now();
  let packages = 0;
  let output = '';
  const tell = () => console.error(`${from}: ${Math.round((Date.now() - started) / 1000)} s, ${packages} packages`);
  const telling = setInterval(tell, PROGRESS_MS);
  for await (const line of createInterface({ input: child.stderr })) {
    if (/^[a-z0-9.-]+(\/[^\s]*)?$/i.test(line)) packages += 1;
    else output += `${line}\n`;
  }
  clearInterval(telling);
  const [status] = await ended;
  if (status !== 0) throw new Error(`go build ${from} ended with status ${status}:\n${output}`);
  tell();
}

function goVersion(): string {
  let found: string;
  try {
    found = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  } catch (cause) {
    throw new Error(`Go is not on the PATH; install Go ${OLDEST_GO.join('.')} or later`, { cause });
  }
  const [, major = '0', minor = '0'] = /^go(\d+)\.(\d+)/.exec(found) ?? [];
  const isOld = Number(major) < OLDEST_GO[0] || (Number(major) === OLDEST_GO[0] && Number(minor) < OLDEST_GO[1]);
  if (isOld) throw new Error(`${found} is on the PATH; install Go ${OLDEST_GO.join('.')} or later`);
  return found;
}

function demandLibraries({ libraries = {} }: Recipe): void {
  for (const [library, packageName] of Object.entries(libraries)) {
    try {
      execFileSync('pkg-config', ['--exists', library], { stdio: 'ignore' });
    } catch (cause) {
      const message = `${library} is not here for a C compiler; apt-get install gcc libc6-dev pkg-config ${packageName}`;
      throw new Error(message, { cause });
    }
  }
}

function cacheHome(): string {
  return process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
}

function cacheKey(source: string, version: string): string {
  const hash = createHash('sha256').update(version);
  for (const file of readdirSync(source).toSorted()) hash.update(readFileSync(join(source, file)));
  return hash.digest('hex').slice(0, 16);
}

function linkerFlags(source: string, { stamped }: Recipe): string {
  if (stamped === undefined) return '-s -w';
  const found = /k8s\.io\/kubernetes v((\d+)\.(\d+)\.\d+)/.exec(readFileSync(join(source, 'go.mod'), 'utf8'));
  if (found === null) throw new Error(`${source}/go.mod: requires no version of k8s.io/kubernetes; add one`);
  const [, version, major, minor] = found;
  const stamp = '-X k8s.io/component-base/version';
  return `-s -w ${stamp}.gitVersion=v${version} ${stamp}.gitMajor=${major} ${stamp}.gitMinor=${minor}`;
}
