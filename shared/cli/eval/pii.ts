import { z } from 'zod';
import { evaluatePii } from '../../privacy/evaluate.ts';
import { usageError } from '../arguments.ts';
import { toTable } from '../table.ts';
import { readRows } from './rows.ts';

const usage = 'pii --data file.json [--json]';

const rows = z.array(
  z.object({
    full_text: z.string(),
    spans: z.array(z.object({ entity_type: z.string(), start_position: z.number(), end_position: z.number() })),
  }),
);

/** Measures the search for personal data on texts whose spans are known. */
export function evalPii(values: { data?: string | undefined; json: boolean }): void {
  if (!values.data) throw usageError(`Usage: trifold eval ${usage}`);
  const { byKind, ...figures } = evaluatePii(
    readRows(values.data, rows, 'an array of {full_text, spans: [{entity_type, start_position, end_position}]}'),
  );
  if (values.json) {
    console.log(JSON.stringify({ ...figures, byKind }));
    return;
  }
  const round = (share: number) => Number(share.toPrecision(4));
  const line = (name: string, { precision, recall, f2 }: typeof figures) =>
    [name, round(precision), round(recall), round(f2)] as const;
  console.log(
    toTable(
      ['kind', 'precision', 'recall', 'f2'],
      [line('overall', figures), ...Object.entries(byKind).map(([kind, own]) => line(kind, own))],
    ),
  );
}
