/** Panel is a panel of Grafana, with its width and height on the grid instead of its position. */
export interface Panel {
  readonly title: string;
  readonly type: string;
  readonly w: number;
  readonly h: number;
  readonly [setting: string]: unknown;
}

/** Queries by the names of their series. */
type Queries = Readonly<Record<string, string>>;
/** The value from which a colour is shown. */
type Colours = Readonly<Record<string, number>>;

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** row begins a part of the dashboard. */
export function row(title: string): Panel {
  return { title, type: 'row', w: 24, h: 1, collapsed: false, panels: [] };
}

/** stat is one number, in the colour of the highest step that it reaches. */
export function stat(title: string, queries: Queries, colours: Colours, unit = 'none'): Panel {
  const sorted = Object.entries(colours).toSorted(([, a], [, b]) => a - b);
  const steps = sorted.map(([color, value], index) => ({ color, value: index === 0 ? null : value }));
  return {
    ...panel(title, 'stat', queries, { instant: true }),
    w: 4,
    h: 4,
    fieldConfig: { defaults: { unit, thresholds: { mode: 'absolute', steps } }, overrides: [] },
  };
}

/** series is a graph over time. */
export function series(title: string, queries: Queries, unit = 'short'): Panel {
  return {
    ...panel(title, 'timeseries', queries, {}),
    w: 12,
    h: 8,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}

/** table shows each series of a query as a line, with its labels. */
export function table(title: string, query: string): Panel {
  return {
    ...panel(title, 'table', { '': query }, { instant: true, format: 'table' }),
    w: 12,
    h: 8,
    transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }],
  };
}

function panel(title: string, type: string, queries: Queries, more: object) {
  const targets = Object.entries(queries).map(([legendFormat, expr], index) => ({
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: DATASOURCE,
    expr,
    legendFormat,
    ...more,
  }));
  return { title, type, datasource: DATASOURCE, targets };
}
