import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { machine, versionOf } from '../../cluster/report/machine.ts';
import { missingSections, page } from '../../cluster/report/page.ts';
import { beginRecords, readRecords, record } from '../../cluster/report/record.ts';
import { SECTIONS, type SectionName } from '../../cluster/report/sections.ts';

const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-report-'));
const file = join(folder, 'packets.jsonl');
const began = new Date('2026-11-21T10:00:00Z');
afterAll(() => rmSync(folder, { recursive: true }));

describe('records', () => {
  it('are read as they were recorded, and forgotten by the next run', () => {
    beginRecords('long', began, file);
    record('life', { event: 'a power cut', result: 'it came back' }, file);
    beginRecords('short', began, file);
    record('times', { what: 'start', time: '9 s' }, file);
    expect(readRecords(file)).toEqual({
      form: 'short',
      began: '2026-11-21T10:00:00.000Z',
      rows: [{ section: 'times', row: { what: 'start', time: '9 s' } }],
    });
  });

  it('say what to run where there are none', () => {
    expect(() => readRecords(join(folder, 'none.jsonl'))).toThrow('run npm run test:cluster');
  });
});

describe('the page', () => {
  const rules = ['dns-open', 'dns-blocked'].map((rule) => ({
    section: 'rules' as const,
    row: { rule, bad: 'a | b\n  c', good: 'works' },
  }));
  const records = { form: 'long' as const, began: began.toISOString(), rows: rules };

  it('has a table of each section, whatever is in its cells', () => {
    const text = page(records);
    expect(text).toContain('Run of 2026-11-21, long form.');
    expect(text.match(/^## .*$/gm)).toEqual(Object.values(SECTIONS).map(({ title }) => `## ${title}`));
    expect(text).toContain('| dns-blocked | a \\| b<br>c | works |\n| dns-open | ');
  });

  it('knows what a run left out', () => {
    expect(missingSections(records)).toEqual(Object.keys(SECTIONS).filter((name) => name !== 'rules'));
    const all = (Object.keys(SECTIONS) as SectionName[]).map((section) => ({ section, row: {} as never }));
    expect(missingSections({ ...records, rows: all })).toEqual([]);
  });
});

describe('the machine', () => {
  it('is told with a version of each program', () => {
    expect(machine().every(({ which }) => which !== '')).toBe(true);
    expect(versionOf('kube-router', 'github.com/k3s-io/kube-router/v2')).toMatch(/^2\.\d+\.\d+-k3s\d+$/);
  });

  it('is not told where a module is not pinned', () => {
    expect(() => versionOf('runc', 'example.com/nowhere')).toThrow('no version of example.com/nowhere');
  });
});
