import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PACKETS } from '../cluster/report.ts';
import { machine, versionOf } from './machine.ts';
import { missingSections, renderPage } from './page.ts';
import { recordsOf } from './records.ts';

const folder = mkdtempSync(join(tmpdir(), 'netpol-guard-report-'));
const began = new Date('2026-11-21T10:00:00Z');
afterAll(() => rmSync(folder, { recursive: true }));

describe('records', () => {
  it('are read as they were recorded, and forgotten by the next run', () => {
    const records = recordsOf(PACKETS, folder);
    records.begin('long', began);
    records.record('life', { event: 'a power cut', result: 'it came back' });
    records.begin('short', began);
    records.record('times', { what: 'start', time: '9 s' });
    expect(records.read()).toEqual({
      form: 'short',
      began: '2026-11-21T10:00:00.000Z',
      rows: [{ section: 'times', row: { what: 'start', time: '9 s' } }],
    });
  });

  it('say what to run where there are none', () => {
    expect(() => recordsOf(PACKETS, join(folder, 'none')).read()).toThrow('run npm run test:cluster');
  });
});

describe('the page', () => {
  const { sections } = PACKETS;
  const rows = ['dns-open', 'dns-blocked'].map((rule) => ({
    section: 'rules',
    row: { rule, bad: 'a | b\n  c', good: 'works' },
  }));
  const recorded = { form: 'long' as const, began: began.toISOString(), rows };

  it('has a table of each section, whatever is in its cells', () => {
    const text = renderPage(PACKETS, recorded);
    expect(text).toContain('Run of 2026-11-21, long form.');
    expect(text.match(/^## .*$/gm)).toEqual(Object.values(sections).map(({ title }) => `## ${title}`));
    expect(text).toContain('| dns-blocked | a \\| b<br>c | works |\n| dns-open | ');
  });

  it('knows what a run left out', () => {
    expect(missingSections(PACKETS, recorded)).toEqual(Object.keys(sections).filter((name) => name !== 'rules'));
    const all = Object.keys(sections).map((section) => ({ section, row: {} }));
    expect(missingSections(PACKETS, { ...recorded, rows: all })).toEqual([]);
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
