/** One figure, as `npm run bench -- --json` prints it. Names are fixed; ratios are taken within one run. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What a ratio was taken against, in the unit that its measure says. */
  readonly baseline: number | null;
  readonly bar: number | null;
  readonly ok: boolean;
  /** For people, in the table alone. */
  readonly note?: string;
}

/** A part of the bench that runs as a whole; `names` are those of its figures, or how they begin. */
export interface Measure {
  readonly names: readonly string[];
  run(): Promise<readonly Figure[]>;
}

type Told = Pick<Figure, 'name' | 'value' | 'unit'> & { readonly baseline?: number; readonly note?: string };

export const atMost = (bar: number, told: Told): Figure => toFigure(told, bar, told.value <= bar);
export const atLeast = (bar: number, told: Told): Figure => toFigure(told, bar, told.value >= bar);

const toFigure = ({ name, value, unit, baseline = Number.NaN, note }: Told, bar: number, ok: boolean): Figure => ({
  name,
  value: rounded(value),
  unit,
  baseline: Number.isNaN(baseline) ? null : rounded(baseline),
  bar,
  ok,
  ...(note ? { note } : {}),
});

/** Four significant digits; more would pretend. */
const rounded = (value: number): number => Number(value.toPrecision(4));

/** The value below which the share `q` of the numbers lies; throws for none. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
  if (value === undefined) throw new Error('There is nothing to take a quantile of');
  return value;
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);
