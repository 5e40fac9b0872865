import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statusMessage, warningsOf } from '../../src/admission/review/message.ts';
import { SERVE } from '../../src/cli/cluster-commands.ts';
import { helpOf } from '../../src/cli/command.ts';
import { createMetrics } from '../../src/commands/serve/metrics/admission.ts';
import { DOCS_BASE_URL } from '../../src/config/docs-address.ts';
import { readConfiguration } from '../../src/config/load.ts';
import { DNS_PRESETS } from '../../src/policy/dns/presets.ts';
import { BUILT_IN_TEMPLATES, PART_NAMES } from '../../src/policy/model/template.ts';
import { RULES } from '../../src/policy/rules/index.ts';
import { allowDns, BOTH_53, deny, judge, policy, SETTINGS } from '../unit/policy/fixtures.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

function documents(): readonly string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => join('docs', path));
  return ['README.md', 'certs/README.md', 'examples/README.md', ...docs].filter((path) => path.endsWith('.md'));
}

/** GitHub's own way to make an anchor of a heading. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documents', () => {
  it('are there', () => {
    expect(documents().length).toBeGreaterThan(20);
  });

  it.each(documents())('%s links to what exists', (path) => {
    const text = read(path).replaceAll(/```[^]*?```/g, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const broken = links
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? join(ROOT, path) : resolve(ROOT, dirname(path), file);
        if (!existsSync(target) || relative(ROOT, target).startsWith('..')) return true;
        if (anchor === undefined) return false;
        return statSync(target).isDirectory() || !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  it.each(documents())('%s names npm scripts that exist', (path) => {
    const manifest: unknown = JSON.parse(read('package.json'));
    const scripts = typeof manifest === 'object' && manifest !== null && 'scripts' in manifest ? manifest.scripts : {};
    const named = [...read(path).matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name);
    expect(Object.keys(Object(scripts))).toEqual(expect.arrayContaining(named));
  });
});

describe('README.md', () => {
  it('lists every rule with its level and title', () => {
    const rows = [...read('README.md').matchAll(/^\| \[(.+?)\]\(docs\/rules\/(.+?)\.md\) \| (.+?) \| (.+?) \|$/gm)];
    expect(rows.map(([, id, page, level, title]) => ({ id, page, level, title }))).toEqual(
      RULES.map(({ id, level, title }) => ({ id, page: id, level, title })),
    );
  });
});

describe('the refusal in README.md', () => {
  it('is what the webhook says, word for word', () => {
    const openDns = policy('web', { podSelector: {}, policyTypes: ['Egress'], egress: [{ ports: BOTH_53 }] });
    const settings = { ...SETTINGS, docsBaseUrl: DOCS_BASE_URL };
    const { findings } = judge({ operation: 'CREATE', after: openDns }, { stored: [allowDns()], settings });
    const message = statusMessage(
      findings.filter(({ effect }) => effect === 'deny'),
      '',
    ).trim();
    expect(message).toContain('[dns-open-to-anywhere]');
    expect(read('README.md')).toContain(`denied the request:\n${message}\n`);
  });
});

describe('docs/operations.md', () => {
  const page = read('docs/operations.md');

  it('shows the configuration with its defaults', () => {
    const yaml = /```yaml\n(apiVersion: netpol-guard[^]*?)```/.exec(page)?.[1] ?? '';
    expect(readConfiguration(yaml, 'page').configuration).toEqual(
      readConfiguration('kind: GuardConfiguration', 'defaults').configuration,
    );
  });

  it('shows parts of configurations that can be used as they are', () => {
    const parts = [...page.matchAll(/```yaml\n((?:rules|exemptions|dns):[^]*?)```/g)].map(([, part = '']) => part);
    expect(parts).toHaveLength(3);
    for (const part of parts) expect(() => readConfiguration(part, 'page')).not.toThrow();
  });

  it('lists every preset', () => {
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \| .+ \|$/gm)].map(([, name]) => name);
    expect(listed).toEqual(expect.arrayContaining([...DNS_PRESETS.keys()]));
  });

  it('lists every flag of serve', () => {
    const flags = [...helpOf(SERVE).matchAll(/--[a-z][a-z-]+/g)].map(([flag]) => flag);
    const missing = [...new Set(flags)].filter((flag) => flag !== '--help' && !page.includes(`\`${flag}`));
    expect(missing).toEqual([]);
  });

  it('lists every metric of its own, and none that is not there', async () => {
    const metrics = createMetrics();
    metrics.cluster.watchCaches(() => new Map([['policies', 1]]));
    const { text } = await metrics.text();
    const made = [...text.matchAll(/^# TYPE (netpol_guard_\w+)/gm)].map(([, name = '']) => name);
    const own = made.filter((name) => !/^netpol_guard_(process|nodejs)_/.test(name));
    const listed = [...page.matchAll(/^\| `(netpol_guard_\w+)` \|/gm)].map(([, name = '']) => name);
    expect([...listed].sort()).toEqual([...own].sort());
    const elsewhere = [...page.matchAll(/netpol_guard_\w+/g)].map(([name]) => name);
    expect(made).toEqual(expect.arrayContaining(elsewhere));
  });
});

describe('docs/baseline.md', () => {
  const page = read('docs/baseline.md');

  it('shows parts of configurations that can be used as they are', () => {
    const parts = [...page.matchAll(/```yaml\n((?:baseline|dnsBlocked):[^]*?)```/g)].map(([, part = '']) => part);
    expect(parts).toHaveLength(3);
    for (const part of parts) expect(() => readConfiguration(part, 'page')).not.toThrow();
  });

  it('lists every template that is built in, and every part', () => {
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name);
    expect(listed).toEqual([...BUILT_IN_TEMPLATES.keys(), ...PART_NAMES]);
  });

  it('quotes the warning of a repair as kubectl prints it', () => {
    const settings = { ...SETTINGS, dnsBlocked: { ...SETTINGS.dnsBlocked, onWrite: 'repair' as const } };
    const { findings } = judge({ operation: 'CREATE', after: deny() }, { settings });
    expect(page).toContain(`Warning: ${warningsOf(findings)[0]}\n`);
  });
});
