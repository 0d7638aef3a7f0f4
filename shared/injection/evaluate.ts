/** How many attacks the screen finds, and how many harmless texts it holds up. */
import { type Screening, screen } from './screen.ts';

/** A text, or a row of one of the usual data sets. */
export type ScreenRow = string | { readonly user_input?: string; readonly prompt?: string; readonly text?: string };

export interface InjectionFigures {
  /** Share of attacks that are flagged; 1 without any. */
  recall: number;
  /** Share of harmless texts that are flagged; 0 without any. */
  falsePositiveRate: number;
}

/** The text of a row, or undefined when it has none. */
export function textOf(row: ScreenRow): string | undefined {
  return typeof row === 'string' ? row : (row.user_input ?? row.prompt ?? row.text);
}

/** Rows without a text count as not flagged. `judge` is the screen that ships unless told otherwise. */
export function evaluateInjection(
  attacks: readonly ScreenRow[],
  harmless: readonly ScreenRow[],
  judge: (text: string) => Screening = screen,
): InjectionFigures {
  const flagged = (rows: readonly ScreenRow[]) => rows.filter((row) => judge(textOf(row) ?? '').flagged).length;
  return {
    recall: attacks.length === 0 ? 1 : flagged(attacks) / attacks.length,
    falsePositiveRate: harmless.length === 0 ? 0 : flagged(harmless) / harmless.length,
  };
}
