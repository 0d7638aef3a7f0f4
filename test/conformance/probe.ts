import * as z from 'zod/mini';
import { AppError, PermanentError } from '../../shared/errors.ts';
import {
  type Deployed,
  defineFunction,
  direct,
  event,
  type Handlers,
  http,
  queue,
  schedule,
} from '../../shared/function.ts';
import { put } from '../../shared/pipeline/writes.ts';

const Thing = z.strictObject({ name: z.string().check(z.minLength(1), z.maxLength(100)), size: z.optional(z.int()) });
const Work = z.strictObject({ key: z.string(), mode: z.enum(['ok', 'fail', 'permanent', 'hang', 'late']) });

/** A function whose handlers do what the suite asks: the product's own seldom fail on request. */
export const probe = defineFunction({
  name: 'probe',
  purpose: 'Behaves as the conformance suite asks',
  sends: ['probe-next'],
  emits: ['probe.happened'],
  on: {
    http: http({
      'POST /probe/things': {
        role: 'operator',
        summary: 'Make',
        input: Thing,
        output: z.strictObject({ id: z.string(), name: z.string() }),
        status: 201,
        writes: 'thing/{id}',
        creates: 'thg',
        location: '/probe/things/{id}',
      },
      'GET /probe/things/{id}': {
        role: 'viewer',
        summary: 'Read',
        output: z.strictObject({ id: z.string(), name: z.string() }),
      },
      'GET /probe/things/mine': {
        role: 'viewer',
        summary: 'The particular before the general',
        output: z.strictObject({ mine: z.boolean() }),
      },
      'DELETE /probe/things/{id}': {
        role: 'admin',
        summary: 'Remove',
        output: z.undefined(),
        status: 204,
        writes: 'thing/{id}',
      },
      'POST /probe/slow': {
        role: 'operator',
        summary: 'Takes its time',
        input: Thing,
        output: z.strictObject({ done: z.boolean() }),
        writes: 'slow/{id}',
        creates: 'slw',
      },
      'GET /probe/hang': { role: 'viewer', summary: 'Never answers', output: z.undefined() },
      'GET /probe/fail': { role: 'viewer', summary: 'Throws what nobody foresaw', output: z.undefined() },
      'GET /probe/text': { role: 'public', summary: 'Text', output: z.string(), produces: 'text/plain; charset=utf-8' },
      'GET /probe/query': {
        role: 'public',
        summary: 'Query',
        query: z.strictObject({ n: z.coerce.number().check(z.int()) }),
        output: z.strictObject({ n: z.number() }),
      },
    }),
    work: queue('probe', Work),
    next: queue('probe-next', z.strictObject({ from: z.string() })),
    happened: event('probe.happened', z.strictObject({ key: z.string() })),
    outside: event('probe.outside', z.strictObject({ key: z.string() }), {
      from: 'outside',
      version: 2,
      upgrade: (data) => ({ key: String((data as { name: unknown }).name) }),
    }), // version 1 said name
    tick: schedule('*/5 * * * *', 'app'),
    call: direct(z.strictObject({ a: z.number(), b: z.number() }), z.strictObject({ sum: z.number() })),
  },
  limits: { memoryMb: 256, timeoutSeconds: 2, concurrency: 10 },
});

/** Things that tests wait for or count, by key. */
export const seen = new Map<string, number>();
export const gates = new Map<string, Promise<void>>();

export const handlers: Handlers<typeof probe> = {
  http: {
    'POST /probe/things': async ({ body }, ctx) =>
      ctx.commit(`thing/${ctx.id}`, {
        writes: [put('thing', { name: body.name })],
        answer: { id: ctx.id, name: body.name },
      }),
    'GET /probe/things/{id}': async ({ params }, ctx) => {
      const thing = await ctx.read.get<{ name: string }>(`thing/${params.id}`, 'thing');
      if (!thing) throw new AppError('not_found', `Thing ${params.id} does not exist`, { status: 404 });
      return { id: params.id, name: thing.value.name };
    },
    'GET /probe/things/mine': async () => ({ mine: true }),
    'DELETE /probe/things/{id}': async ({ params }, ctx) =>
      ctx.commit(`thing/${params.id}`, { writes: [{ kind: 'delete', key: 'thing', if: 'any' }] }),
    'POST /probe/slow': async ({ body }, ctx) => {
      await gates.get(body.name);
      return ctx.commit(`slow/${ctx.id}`, { writes: [put('slow', { name: body.name })], answer: { done: true } });
    },
    'GET /probe/hang': () => new Promise(() => {}),
    'GET /probe/fail': async () => {
      throw new TypeError('the secret detail of an unforeseen failure');
    },
    'GET /probe/text': async () => 'grüß dich',
    'GET /probe/query': async ({ query }) => ({ n: query.n }),
  },
  work: async ({ key, mode }, ctx, message) => {
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    if (mode === 'fail') throw new Error('this delivery fails');
    if (mode === 'permanent') throw new PermanentError('hopeless', `No delivery of ${key} can succeed`);
    if (mode === 'hang') return new Promise(() => {});
    if (mode === 'late') {
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      await ctx.commit(`work/${key}`, { writes: [put('late', { times })] });
      return;
    }
    const before = await ctx.read.get<{ effects: number }>(`work/${key}`, 'work');
    const value = {
      effects: (before?.value.effects ?? 0) + 1,
      workspace: ctx.workspace,
      id: message.id,
      trace: ctx.trace.traceId,
    };
    await ctx.commit(`work/${key}`, {
      writes: [put('work', value, before?.version ?? 'absent')],
      send: [{ to: 'probe-next', data: { from: key } }],
      emit: [{ type: 'probe.happened', subject: key, data: { key } }],
    });
  },
  next: async ({ from }) => void seen.set(`next ${from}`, (seen.get(`next ${from}`) ?? 0) + 1),
  happened: async ({ key }) => void seen.set(`happened ${key}`, (seen.get(`happened ${key}`) ?? 0) + 1),
  outside: async ({ key }, ctx) =>
    ctx.commit(`outside/${key}`, { writes: [put('outside', { workspace: ctx.workspace })] }),
  tick: async ({ at }) => void seen.set('tick', at),
  call: async ({ a, b }) => ({ sum: a + b }),
};

export const deployedProbe: Deployed = { declaration: probe, handlers };
