/**
 * Links the Node that package.json pins as node_modules/.bin/node, where npm scripts find it first. npm does that itself,
 * but npm 10 takes the link away again with the packages of other platforms, which have a program of that name too.
 * Runs after `npm ci`, on whatever Node started it: hence no TypeScript.
 */
import { existsSync, readFileSync, symlinkSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const link = new URL('node_modules/.bin/node', root);
const { optionalDependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const installed = Object.keys(optionalDependencies).find((name) =>
  existsSync(new URL(`node_modules/${name}/bin/node`, root)),
);
if (installed !== undefined && !existsSync(link)) symlinkSync(`../${installed}/bin/node`, link);
