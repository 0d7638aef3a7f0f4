import { z } from 'zod';
import { evaluateInjection } from '../../injection/evaluate.ts';
import { usageError } from '../arguments.ts';
import { toTable } from '../table.ts';
import { readRows } from './rows.ts';

const usage = 'injection --attacks a.json --harmless b.json [--json]';

const rows = z.array(
  z.union([
    z.string(),
    z.object({ user_input: z.string() }),
    z.object({ prompt: z.string() }),
    z.object({ text: z.string() }),
  ]),
);
const SHAPE = 'an array of strings, or of objects with user_input, prompt or text';

/** Measures the injection screen on attacks and on harmless texts. */
export function evalInjection(values: {
  attacks?: string | undefined;
  harmless?: string | undefined;
  json: boolean;
}): void {
  if (!values.attacks || !values.harmless) throw usageError(`Usage: trifold eval ${usage}`);
  const figures = evaluateInjection(readRows(values.attacks, rows, SHAPE), readRows(values.harmless, rows, SHAPE));
  if (values.json) {
    console.log(JSON.stringify(figures));
    return;
  }
  console.log(
    toTable(
      ['measure', 'value'],
      Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
    ),
  );
}
