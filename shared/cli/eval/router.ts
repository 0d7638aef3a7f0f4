import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openBase } from '../../clouds/local/base.ts';
import { sumDecimals } from '../../domain/money.ts';
import { PRIORITIES } from '../../domain/vocabulary.ts';
import { asAppError } from '../../errors.ts';
import { openModel } from '../../models/index.ts';
import { TASKS, type TaskInput, type TaskName } from '../../models/tasks.ts';
import { createReader } from '../../pipeline/reader.ts';
import type { Base } from '../../runtime.ts';
import { usageError } from '../arguments.ts';
import { readText } from '../files.ts';
import { toTable } from '../table.ts';
import { readRows } from './rows.ts';

const usage = 'router --config models.json --calls calls.json [--json]';
const WORKSPACE = 'main';

const Calls = z
  .array(
    z.object({
      task: z.enum(Object.keys(TASKS) as [TaskName, ...TaskName[]]), // keys of the table
      input: z.record(z.string(), z.unknown()),
      ticket: z.string().optional(),
      priority: z.enum(PRIORITIES).optional(),
    }),
  )
  .min(1);
type Call = z.output<typeof Calls>[number];

interface Replayed {
  readonly ms: number;
  readonly model: string;
  readonly cost: string;
  readonly fallback: boolean;
  readonly error?: string;
}

/** Replays a file of calls through a routing configuration, on an empty store that is thrown away, one after the other. */
export async function evalRouter(values: {
  config?: string | undefined;
  calls?: string | undefined;
  json: boolean;
}): Promise<void> {
  if (!values.config || !values.calls) throw usageError(`Usage: trifold eval ${usage}`);
  const calls = readRows(values.calls, Calls, 'an array of {task, input, ticket?, priority?}');
  const data = mkdtempSync(join(tmpdir(), 'trifold-eval-'));
  const env = {
    ...process.env,
    TRIFOLD_MODELS: readText(values.config),
    TRIFOLD_DATA_DIR: data,
    TRIFOLD_LOG_LEVEL: 'error',
  };
  const base = openBase(env, 'eval');
  try {
    const summary = summarise(await replay(base, calls));
    console.log(values.json ? JSON.stringify(summary) : describe(summary));
  } finally {
    await base.queues.close();
    await base.store.close?.();
    rmSync(data, { recursive: true, force: true });
  }
}

async function replay(base: Base, calls: readonly Call[]): Promise<Replayed[]> {
  const read = createReader(base.store, WORKSPACE);
  const { clock, log } = base;
  const model = openModel(base)({ workspace: WORKSPACE, read, clock, log, signal: new AbortController().signal });
  const replayed: Replayed[] = [];
  for (const { task, input, ticket, priority } of calls) {
    const started = performance.now();
    try {
      // The port checks the input against the task's own schema.
      const {
        model: answered,
        cost,
        fallback,
      } = await model.ask(task, input as TaskInput<typeof task>, {
        ...(ticket ? { ticket } : {}),
        ...(priority ? { priority } : {}),
      });
      replayed.push({ ms: performance.now() - started, model: answered, cost, fallback: fallback !== undefined });
    } catch (thrown) {
      replayed.push({
        ms: performance.now() - started,
        model: '',
        cost: '0',
        fallback: false,
        error: asAppError(thrown).code,
      });
    }
  }
  return replayed;
}

function summarise(replayed: readonly Replayed[]) {
  const count = (keys: readonly string[]) =>
    Object.fromEntries([...Map.groupBy(keys, (key) => key)].map(([key, all]) => [key, all.length]));
  const times = replayed.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) =>
    Number((times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(3));
  const answered = replayed.filter(({ error }) => error === undefined);
  return {
    calls: replayed.length,
    answered: answered.length,
    fallbacks: answered.filter(({ fallback }) => fallback).length,
    byModel: count(answered.map(({ model }) => model)),
    errors: count(replayed.flatMap(({ error }) => error ?? [])),
    costUsd: sumDecimals(replayed.map(({ cost }) => cost)),
    msP50: at(0.5),
    msP99: at(0.99),
  };
}

const describe = ({ byModel, errors, ...figures }: ReturnType<typeof summarise>): string =>
  [
    toTable(['measure', 'value'], Object.entries(figures)),
    toTable(['model', 'answers'], Object.entries(byModel)),
    ...(Object.keys(errors).length > 0 ? [toTable(['error', 'calls'], Object.entries(errors))] : []),
  ].join('\n\n');
