/** Section is one table of a page of results. */
export interface Section {
  readonly title: string;
  /** What the table says, and how it came about. */
  readonly text: string;
  /** Headings by the names that rows give their cells. */
  readonly columns: Readonly<Record<string, string>>;
  /** `first`: rows go by their first cell, not in the order in which they were recorded. */
  readonly sorted?: 'first';
}

/** Sections are the tables of a page by the names that rows are recorded under, in their order. A long run has rows for each. */
export type Sections = Readonly<Record<string, Section>>;

/** RowOf has a cell for each column of its section. Cells are Markdown. */
export type RowOf<All extends Sections, Name extends keyof All> = Readonly<
  Record<keyof All[Name]['columns'] & string, string>
>;

/** Page is what docs/ has of the results of a long run. */
export interface Page<All extends Sections = Sections> {
  /** The file: docs/NAME.md. */
  readonly name: string;
  /** What runs the tests, and writes the page. */
  readonly command: string;
  /** Title and first words, Markdown. */
  readonly head: string;
  readonly sections: All;
}
