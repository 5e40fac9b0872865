import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measure, Section } from './report.ts';

const MIB = 1024 * 1024;

/** Figures of one policy, in bytes. */
interface Figures {
  readonly name: string;
  readonly json: number;
  readonly kept: number;
  readonly judged: number;
  readonly weight: number;
}

/** measureKept measures what the largest policies of each sort take of the heap, against what weightOf says of them. */
export async function measureKept(): Promise<Section> {
  const measures = SORTS.map(figuresOf).map(({ name, json, kept, judged, weight }): Measure => {
    const sizes = `${(json / 1024).toFixed(0)} KB of JSON, ${inMib(kept)} MB when kept, weight ${inMib(weight)}`;
    return {
      name: `${name} (${sizes}), once judged`,
      value: judged / MIB,
      unit: 'MB',
      goal: { at: 'most', bound: weight / MIB },
    };
  });
  return { name: 'kept', how: 'one policy in the cache, audited and compared with openings, a process each', measures };
}

/** SORTS names the policies that kept-policy.ts makes. */
const SORTS = [
  'ports',
  'IPv4 blocks',
  'IPv6 blocks',
  'exceptions',
  'selectors',
  'rules',
  'values',
  'equal ports',
  'equal rules',
];

/** A process each, since what is remembered of one policy goes when it likes. */
function figuresOf(sort: string): Figures {
  const program = fileURLToPath(new URL('./kept-policy.ts', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', program, sort], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return { name: sort, ...(JSON.parse(stdout) as Omit<Figures, 'name'>) };
}

function inMib(bytes: number): string {
  return (bytes / MIB).toFixed(2);
}
