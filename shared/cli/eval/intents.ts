import { AppError } from '../../errors.ts';
import { readLabelledCsv } from '../../models/offline/csv.ts';
import { evaluate } from '../../models/offline/evaluate.ts';
import { usageError } from '../arguments.ts';
import { readText } from '../files.ts';
import { toTable } from '../table.ts';

const usage = 'intents --train a.csv --test b.csv [--json]';

/** Trains the classifier on one file and measures it on another. */
export function evalIntents(values: { train?: string | undefined; test?: string | undefined; json: boolean }): void {
  if (!values.train || !values.test) throw usageError(`Usage: trifold eval ${usage}`);
  const figures = evaluate(rowsOf(values.train), rowsOf(values.test));
  const rows = Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))] as const);
  console.log(values.json ? JSON.stringify(figures) : toTable(['measure', 'value'], rows));
}

/** Rows of a labelled file; the error names the file, and the line where one is wrong. */
export function rowsOf(path: string): ReturnType<typeof readLabelledCsv> {
  const text = readText(path);
  try {
    const rows = readLabelledCsv(text);
    if (rows.length === 0) throw new Error('it has no rows');
    return rows;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new AppError('bad_file', `${path}: ${why}`, { cause, status: 400 });
  }
}
