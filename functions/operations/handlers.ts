import description from '../../infra/generated/openapi.json' with { type: 'json' };
import { accessPartition, createKey, type StoredKey } from '../../shared/access.ts';
import type { DeadLetter } from '../../shared/domain/dead-letter.ts';
import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/function.ts';
import { remove } from '../../shared/pipeline/writes.ts';
import type { operations } from './function.ts';
import { replay, shown } from './replay.ts';

export const handlers: Handlers<typeof operations> = {
  http: {
    'GET /health': async () => ({ status: 'ok' }),
    'GET /ready': async (_, ctx) => {
      await ctx.desk.check();
      return { status: 'ok' };
    },
    'GET /metrics': async (_, ctx) => ctx.desk.metricsText(),
    'GET /api/openapi.json': async () => description,
    'GET /api/dead-letters': async ({ query: { queue, limit = 50, cursor } }, ctx) => {
      const range = { limit, reverse: true, ...(cursor ? { cursor } : {}) };
      const page =
        queue === undefined
          ? await ctx.read.find<DeadLetter>('i1', 'dead', '', range)
          : await ctx.read.find<DeadLetter>('i2', 'dead-queue', queue, range);
      const items = page.items.map((item) => shown(item.value));
      return page.cursor ? { items, cursor: page.cursor } : { items };
    },
    'POST /api/dead-letters/{id}/replay': async ({ params }, ctx) => replay(params.id, ctx),
    'GET /api/keys': async (_, ctx) => {
      const { items } = await ctx.read.find<StoredKey>('i2', 'keys', '', { limit: 1000 });
      return { items: items.map(({ value: { id, role, prefix, createdAt } }) => ({ id, role, prefix, createdAt })) };
    },
    'POST /api/keys': async ({ body }, ctx) => {
      const { id, key, write } = createKey(ctx.workspace, body.role, ctx.clock.now());
      // Never kept as an answer: a key is shown once.
      await ctx.commit(accessPartition(id), { writes: [write] });
      return { id, role: body.role, key };
    },
    'DELETE /api/keys/{id}': async ({ params }, ctx) => {
      if (params.id === ctx.principal.id)
        throw new AppError('own_key', 'A key cannot revoke itself; use another one', { status: 409 });
      await ctx.commit(accessPartition(params.id), { writes: [remove('key')] });
    },
  },
  sweep: async (_, ctx) => {
    const sent = await ctx.desk.sweep(ctx.signal);
    if (sent > 0) ctx.log.info('Swept', { sent });
  },
};
