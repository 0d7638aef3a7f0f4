import type { output } from 'zod/v4/core';
import { timeKey } from '../../shared/domain/ids.ts';
import { badRequest, notFound } from '../../shared/errors.ts';
import type { ContextOf, Handlers } from '../../shared/function.ts';
import { put } from '../../shared/pipeline/writes.ts';
import type { discovery, Run } from './function.ts';
import { countBy, search } from './inventory.ts';

type Ctx = ContextOf<typeof discovery>;
type RunRecord = output<typeof Run>;

const partitionOf = (id: string): string => `discovery/${id}`;

/** Reads the estate and keeps the run; a run that is there already is not made again. */
async function discover(id: string, ctx: Ctx): Promise<void> {
  const startedAt = ctx.clock.now();
  const resources = await search(ctx.estate, {});
  const run: RunRecord = {
    id,
    startedAt,
    resources: resources.length,
    byProvider: countBy(resources, 'provider'),
    byKind: countBy(resources, 'kind'),
  };
  await ctx.commit(partitionOf(id), {
    writes: [put('run', run, 'any', { indexes: { i1: { hash: 'discovery', sort: `${timeKey(startedAt)}/${id}` } } })],
    emit: [{ type: 'discovery.completed', subject: id, data: { id, resources: run.resources } }],
  });
}

export const handlers: Handlers<typeof discovery> = {
  http: {
    'GET /api/cloud/resources': async ({ query: { limit = 100, cursor, ...filter } }, ctx) => {
      if (cursor !== undefined && !cursor.startsWith('res_')) throw badRequest('This cursor is not one of this list');
      const found = await search(ctx.estate, filter);
      const rest = cursor === undefined ? found : found.filter((resource) => resource.id > cursor);
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      return { items, total: found.length, sample: true, ...(rest.length > limit && last ? { cursor: last.id } : {}) };
    },
    'GET /api/cloud/resources/{id}': async ({ params }, ctx) => {
      const resource = (await search(ctx.estate, {})).find(({ id }) => id === params.id);
      if (!resource) throw notFound(`Resource ${params.id}`);
      return resource;
    },
    'POST /api/cloud/discoveries': async ({ body }, ctx) => {
      const answer = { id: ctx.id, follow: `/api/cloud/discoveries/${ctx.id}` };
      const queued = put('queued', { v: 1, reason: body.reason, at: ctx.clock.now() });
      return ctx.commit(partitionOf(ctx.id), {
        writes: [queued],
        send: [{ to: 'discovery', data: { id: ctx.id } }],
        answer,
      });
    },
    'GET /api/cloud/discoveries/{id}': async ({ params }, ctx) => {
      const { items } = await ctx.read.list(partitionOf(params.id), { limit: 100 });
      const run = items.find((item) => item.key === 'run')?.value as RunRecord | undefined; // written by discover alone
      if (run) return { id: params.id, state: 'completed', run };
      if (!items.some((item) => item.key === 'queued')) throw notFound(`Discovery ${params.id}`);
      return { id: params.id, state: 'queued' };
    },
  },
  run: async ({ id }, ctx) => discover(id, ctx),
  resourceChanged: async ({ provider, providerId }, ctx, message) => {
    const change = put(`change/${timeKey(message.time)}/${message.id}`, {
      v: 1,
      provider,
      providerId,
      at: message.time,
    });
    await ctx.commit(`discovery/changes-${provider}`, { writes: [change] });
  },
  daily: async ({ at }, ctx) => discover(`run_${timeKey(at)}`, ctx),
  count: async (filter, ctx) => ({ total: (await search(ctx.estate, filter)).length }),
};
