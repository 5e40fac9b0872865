import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintSources } from '../../src/commands/lint.ts';
import { withEnforce } from '../../src/config/compile.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { SourceText } from '../../src/manifests/text/source-text.ts';
import { RULES } from '../../src/policy/rules/index.ts';
import { docsIndex, docsPage } from '../../src/report/docs-page.ts';
import { RULE_PAGES } from '../../src/report/rule-pages.ts';

const { settings } = await loadConfiguration(undefined);

/** rulesFound lints a page's example at level strict. */
function rulesFound(yaml: string): readonly string[] {
  const sources = { texts: [new SourceText('example.yaml', yaml)], unreadable: [] };
  return lintSources(sources, withEnforce(settings, 'strict'), 'default', 0).report.findings.map(({ rule }) => rule);
}

describe('the page of a rule', () => {
  it('stands for every rule', () => {
    const ids = RULE_PAGES.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
    for (const { id } of RULES) expect(ids).toContain(id);
  });

  it.each(RULE_PAGES)('$id: its bad example has the fault', ({ id, docs }) => {
    expect(rulesFound(docs.bad)).toContain(id);
  });

  it.each(RULE_PAGES)('$id: its good example has none at all', ({ docs }) => {
    expect(rulesFound(docs.good)).toEqual([]);
  });

  it.each(RULE_PAGES)('$id: says why, and where to read on', ({ title, docs }) => {
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(docs.why.length).toBeGreaterThan(80);
    expect(docs.references.length).toBeGreaterThan(0);
    for (const address of docs.references) expect(URL.canParse(address)).toBe(true);
  });

  it('is Markdown with the same headings for all', () => {
    for (const page of RULE_PAGES) {
      const turnOff = page.level === 'lint' ? [] : ['## How to turn it off'];
      const text = docsPage(page, ['it says', '  this']);
      expect(text.match(/^#+ .*$/gm)).toEqual([
        `# ${page.id}`,
        '## Bad',
        '## Message',
        '## Good',
        ...turnOff,
        '## References',
      ]);
      expect(text).toContain('```\nit says\n  this\n```\n');
      for (const part of turnOff) expect(text).toMatch(new RegExp(`${part}\n\n.*rules: \\{${page.id}: warn\\}`));
      expect(docsIndex(RULE_PAGES)).toContain(`[${page.id}](${page.id}.md)`);
    }
  });
});

it('docs/rules is what the rules say', () => {
  const script = join(import.meta.dirname, '../..', 'scripts', 'docs.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
