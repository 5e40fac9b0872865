import { short } from '../report.ts';
import { median } from '../statistics.ts';
import { type Figure, ratioOf, verdictOf } from './figure.ts';

/** Comparison is one section of a comparison: its figures, and what of it could not be compared. */
export interface Comparison {
  readonly name: string;
  readonly figures: readonly Figure[];
  readonly unpaired: readonly string[];
}

/** comparisonTable renders figures as Markdown, each with its verdict. */
export function comparisonTable(comparisons: readonly Comparison[], tolerance: number): string {
  const lines = [
    '| figure | unit | ceiling | before | now | now / before | verdict |',
    '|---|---|---|---|---|---|---|',
  ];
  for (const { name, figures } of comparisons) for (const figure of figures) lines.push(row(name, figure, tolerance));
  return lines.join('\n');
}

function row(section: string, figure: Figure, tolerance: number): string {
  const { median: ratio, low, high } = ratioOf(figure);
  const cells = [
    `${section}: ${figure.name}`,
    `${figure.unit}, ${figure.better} is better`,
    figure.ceiling.length === 0 ? '' : short(median(figure.ceiling)),
    short(median(figure.before)),
    short(median(figure.now)),
    `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    verdictOf(figure, tolerance),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** conclusion says in a line what the figures come to, with the names of those that are worse. */
export function conclusion(comparisons: readonly Comparison[], tolerance: number): string {
  const verdicts = comparisons.flatMap(({ name, figures }) =>
    figures.map((figure) => ({
      name: `${name}, ${figure.name} (${figure.unit})`,
      verdict: verdictOf(figure, tolerance),
    })),
  );
  const named = (wanted: string) => verdicts.filter(({ verdict }) => verdict === wanted).map(({ name }) => name);
  const [better, same, worse] = [named('better'), named('same'), named('worse')];
  const counts = `${better.length} better, ${same.length} same, ${worse.length} worse`;
  const within = `within ${Math.round(tolerance * 100)} % is the same`;
  return `${counts}; ${within}${worse.length === 0 ? '' : `; worse: ${worse.join('; ')}`}`;
}

/** isWorse says whether any figure is worse. */
export function isWorse(comparisons: readonly Comparison[], tolerance: number): boolean {
  return comparisons.some(({ figures }) => figures.some((figure) => verdictOf(figure, tolerance) === 'worse'));
}
