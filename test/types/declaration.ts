/**
 * What the compiler has to refuse: each `@ts-expect-error` is a test, and `npm run check` fails when one of them no longer
 * meets an error. Nothing here runs.
 */
import * as z from 'zod/mini';
import { defineFunction, direct, event, type Handlers, http, queue, schedule } from '../../shared/function.ts';

const Work = z.strictObject({ key: z.string() });
const Answer = z.strictObject({ id: z.string() });

const declared = defineFunction({
  name: 'declared',
  purpose: 'Is typed',
  uses: ['model'],
  sends: ['known'],
  emits: ['declared.happened'],
  on: {
    http: http({
      'GET /api/things/{id}': { role: 'viewer', summary: 'One', output: Answer },
      'POST /api/things': {
        role: 'operator',
        summary: 'Make',
        input: Work,
        output: Answer,
        writes: 'thing/{id}',
        creates: 'thg',
      },
    }),
    work: queue('work', Work),
    happened: event('something.happened', Work),
    tick: schedule('0 6 * * *'),
    call: direct(Work, Answer),
  },
});

export const right: Handlers<typeof declared> = {
  http: {
    'GET /api/things/{id}': async ({ params }) => ({ id: params.id }),
    'POST /api/things': async ({ body }, ctx) =>
      ctx.commit('thing/1', { send: [{ to: 'known', data: { key: body.key } }], answer: { id: ctx.id } }),
  },
  work: async ({ key }, ctx) => {
    await ctx.model.ask('summary', { text: key, sentences: 1 });
    await ctx.commit('thing/1', { emit: [{ type: 'declared.happened', subject: key, data: null }] });
  },
  happened: async ({ key }, ctx, message) => ctx.log.info(`${key} ${message.id}`),
  tick: async ({ at }, ctx) => ctx.log.info(String(at)),
  call: async ({ key }) => ({ id: key }),
};

// @ts-expect-error a trigger without its handler
export const missingTrigger: Handlers<typeof declared> = {
  http: right.http,
  work: right.work,
  happened: right.happened,
  tick: right.tick,
};

export const missingRoute: Handlers<typeof declared> = {
  ...right,
  // @ts-expect-error a route without its handler
  http: { 'GET /api/things/{id}': right.http['GET /api/things/{id}'] },
};

export const wrong: Handlers<typeof declared> = {
  http: {
    // @ts-expect-error a path parameter that the route does not have
    'GET /api/things/{id}': async ({ params }) => ({ id: params.name }),
    // @ts-expect-error an answer that does not fit the output
    'POST /api/things': async () => ({ name: 'thing' }),
  },
  work: async (work, ctx) => {
    // @ts-expect-error a field that the schema does not have
    work.color;
    // @ts-expect-error a port that was not declared
    ctx.customers;
    // @ts-expect-error a queue that was not declared
    await ctx.commit('thing/1', { send: [{ to: 'unknown', data: null }] });
    // @ts-expect-error an event that was not declared
    await ctx.commit('thing/1', { emit: [{ type: 'declared.unheard', subject: '', data: null }] });
    // @ts-expect-error the raw store
    ctx.store;
  },
  // @ts-expect-error a handler of another trigger's data
  happened: async ({ key }: { key: number }) => void key,
  tick: async (tick) => {
    // @ts-expect-error a schedule has no data
    tick.data;
  },
  // @ts-expect-error an answer that does not fit the direct trigger's output
  call: async () => 7,
};

// @ts-expect-error a port that does not exist
defineFunction({ name: 'a', purpose: 'a', uses: ['telepathy'], on: {} });

// @ts-expect-error a route without a role: there is no default
http({ 'GET /api/open': { summary: 'Who may?', output: Answer } });

// @ts-expect-error a route without a method
http({ '/api/things': { role: 'viewer', summary: 'Which?', output: Answer } });
