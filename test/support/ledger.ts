import * as z from 'zod/mini';
import { type Deployed, defineFunction, event, type Handlers, http, queue } from '../../shared/function.ts';
import { put } from '../../shared/pipeline/writes.ts';

const Entry = z.strictObject({ name: z.string(), mode: z.optional(z.enum(['fail'])) });

/**
 * Counts effects: each way in adds one to a count of its own and passes the entry on by queue and by event, whose
 * handlers count as well. A count of two is an effect that happened twice.
 */
export const ledger = defineFunction({
  name: 'ledger',
  purpose: 'Counts what took effect',
  sends: ['ledger-next'],
  emits: ['ledger.counted'],
  on: {
    http: http({
      'POST /ledger': {
        role: 'operator',
        summary: 'Count',
        input: Entry,
        output: z.strictObject({ id: z.string() }),
        status: 201,
        writes: 'entry/{id}',
        creates: 'ent',
      },
    }),
    entries: queue('ledger', Entry),
    next: queue('ledger-next', Entry),
    counted: event('ledger.counted', Entry),
  },
  limits: { memoryMb: 256, timeoutSeconds: 30, concurrency: 10 },
});

const handlers: Handlers<typeof ledger> = {
  http: {
    'POST /ledger': async ({ body }, ctx) =>
      ctx.commit(`entry/${ctx.id}`, {
        writes: [put('count', { name: body.name, count: 1 })],
        send: [{ to: 'ledger-next', data: { name: body.name } }],
        emit: [{ type: 'ledger.counted', subject: body.name, data: { name: body.name } }],
        answer: { id: ctx.id },
      }),
  },
  entries: async ({ name, mode }, ctx) => {
    if (mode === 'fail') throw new Error(`No delivery of ${name} succeeds`);
    const before = await ctx.read.get<{ count: number }>(`entry/${name}`, 'count');
    await ctx.commit(`entry/${name}`, {
      writes: [put('count', { name, count: (before?.value.count ?? 0) + 1 }, before?.version ?? 'absent')],
      send: [{ to: 'ledger-next', data: { name } }],
      emit: [{ type: 'ledger.counted', subject: name, data: { name } }],
    });
  },
  next: async ({ name }, ctx) => addOne(`next/${name}`, ctx),
  counted: async ({ name }, ctx) => addOne(`counted/${name}`, ctx),
};

async function addOne(partition: string, ctx: Parameters<(typeof handlers)['next']>[1]): Promise<void> {
  const before = await ctx.read.get<{ count: number }>(partition, 'count');
  await ctx.commit(partition, {
    writes: [put('count', { count: (before?.value.count ?? 0) + 1 }, before?.version ?? 'absent')],
  });
}

export const deployedLedger: Deployed = { declaration: ledger, handlers };
