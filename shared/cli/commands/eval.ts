import { AppError } from '../../errors.ts';
import { readLabelledCsv } from '../../models/offline/csv.ts';
import { evaluate } from '../../models/offline/evaluate.ts';
import { parse, usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { readText } from '../files.ts';
import { toTable } from '../table.ts';

const intents = 'intents --train a.csv --test b.csv [--json]';
const usage = `${intents} | pii --data file.json [--json] | injection --attacks a.json --harmless b.json [--json]`;

export const command: Command = {
  about: 'Measure on your own data: the classifier (CSV), the search for personal data or the injection screen (JSON)',
  usage,
  async run(args) {
    const options = {
      train: { type: 'string' },
      test: { type: 'string' },
      data: { type: 'string' },
      attacks: { type: 'string' },
      harmless: { type: 'string' },
      json: { type: 'boolean', default: false },
    } as const;
    const { values, positionals } = parse(args, options, `eval ${usage}`);
    if (positionals[0] === 'pii') {
      const { evalPii } = await import('./eval-pii.ts');
      evalPii(values);
      return;
    }
    if (positionals[0] === 'injection') {
      const { evalInjection } = await import('./eval-injection.ts');
      evalInjection(values);
      return;
    }
    if (positionals[0] !== 'intents') throw usageError(`Usage: trifold eval ${usage}`);
    if (!values.train || !values.test) throw usageError(`Usage: trifold eval ${intents}`);
    const figures = evaluate(rowsOf(values.train), rowsOf(values.test));
    if (values.json) return console.log(JSON.stringify(figures));
    console.log(
      toTable(
        ['measure', 'value'],
        Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
      ),
    );
  },
};

/** Rows of a labelled file; the error names the file, and the line where one is wrong. */
export function rowsOf(path: string): ReturnType<typeof readLabelledCsv> {
  const text = readText(path);
  try {
    const rows = readLabelledCsv(text);
    if (rows.length === 0) throw new Error('it has no rows');
    return rows;
  } catch (cause) {
    throw new AppError('bad_file', `${path}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
      status: 400,
    });
  }
}
