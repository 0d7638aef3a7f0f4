import { openBase } from '../../clouds/local/base.ts';
import { ownClassifierKey, trainIntents } from '../../models/offline/own-classifier.ts';
import { parse, usageError } from '../arguments.ts';
import type { Command } from '../command.ts';
import { rowsOf } from '../eval/intents.ts';

const usage = '--intents tickets.csv [--data .trifold] [--workspace main] [--out model.bin] [--json]';

export const command: Command = {
  about: "Make the workspace's own classifier from its tickets: a CSV file with the header text,category",
  usage,
  async run(args) {
    const options = {
      intents: { type: 'string' },
      data: { type: 'string' },
      workspace: { type: 'string', default: 'main' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    } as const;
    const { values } = parse(args, options, `train ${usage}`);
    if (!values.intents) throw usageError(`Usage: trifold train ${usage}`);
    const rows = rowsOf(values.intents);
    const model = trainIntents(rows);
    const where = values.out ?? ownClassifierKey(values.workspace);
    if (values.out) await writeModel(values.out, model);
    else await keepModel(values.data, where, model);
    const made = { rows: rows.length, bytes: model.length, where };
    console.log(
      values.json
        ? JSON.stringify(made)
        : `Trained on ${made.rows} rows; ${Math.round(made.bytes / 1000)} kB at ${where}. The desk takes it within a minute.`,
    );
  },
};

/** For a cloud: put the file into the bucket under `ownClassifierKey`, and set TRIFOLD_OWN_CLASSIFIER=true. */
async function writeModel(path: string, model: Uint8Array): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  await writeFile(path, model);
}

async function keepModel(data: string | undefined, key: string, model: Uint8Array): Promise<void> {
  const base = openBase(
    { ...process.env, TRIFOLD_LOG_LEVEL: 'error', ...(data ? { TRIFOLD_DATA_DIR: data } : {}) },
    'cli',
  );
  await base.objects().put(key, model, { contentType: 'application/octet-stream' });
  await base.objects().close?.();
  await base.queues.close();
  await base.store.close?.();
}
