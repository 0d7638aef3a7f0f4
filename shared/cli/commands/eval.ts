import { parse, usageError } from '../arguments.ts';
import type { Command } from '../command.ts';

const usage =
  'intents --train a.csv --test b.csv | pii --data file.json | injection --attacks a.json --harmless b.json | router --config models.json --calls calls.json [--json]';

const OPTIONS = {
  train: { type: 'string' },
  test: { type: 'string' },
  data: { type: 'string' },
  attacks: { type: 'string' },
  harmless: { type: 'string' },
  config: { type: 'string' },
  calls: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

/** What can be measured, each loaded when it is asked for. */
const SUBJECTS: Readonly<Record<string, (values: Values) => Promise<void>>> = {
  intents: async (values) => (await import('../eval/intents.ts')).evalIntents(values),
  pii: async (values) => (await import('../eval/pii.ts')).evalPii(values),
  injection: async (values) => (await import('../eval/injection.ts')).evalInjection(values),
  router: async (values) => (await import('../eval/router.ts')).evalRouter(values),
};

export const command: Command = {
  about: 'Measure on your own data: classifier, search for personal data, injection screen, model routing',
  usage,
  async run(args) {
    const { values, positionals } = parse(args, OPTIONS, `eval ${usage}`);
    const subject = SUBJECTS[positionals[0] ?? ''];
    if (!subject) throw usageError(`Usage: trifold eval ${usage}`);
    await subject(values);
  },
};
