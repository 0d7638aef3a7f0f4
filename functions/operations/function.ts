import * as z from 'zod/mini';
import { defineFunction, http, schedule } from '../../shared/function.ts';

const DeadLetter = z.strictObject({
  id: z.string(),
  source: z.string(),
  function: z.string(),
  trigger: z.string(),
  code: z.string(),
  reason: z.string(),
  attempts: z.int(),
  at: z.int(),
  messageId: z.string(),
  type: z.string(),
  replayedAt: z.optional(z.int()),
});
const Status = z.strictObject({ status: z.literal('ok') });
const Key = z.strictObject({
  id: z.string(),
  role: z.enum(['viewer', 'operator', 'admin']),
  prefix: z.string(),
  createdAt: z.int(),
});

export const operations = defineFunction({
  name: 'operations',
  purpose: 'Runs the desk itself: due timers, dead letters, keys, health, metrics, the description of the API',
  uses: ['desk'],
  on: {
    http: http({
      'GET /health': { role: 'public', summary: 'The process answers', output: Status },
      'GET /ready': { role: 'public', summary: 'The store answers too', output: Status },
      'GET /metrics': {
        role: 'public',
        summary: 'Metrics as Prometheus text',
        output: z.string(),
        produces: 'text/plain; version=0.0.4; charset=utf-8',
      },
      'GET /api/openapi.json': {
        role: 'public',
        summary: 'This description',
        output: z.record(z.string(), z.unknown()),
      },
      'GET /api/dead-letters': {
        role: 'operator',
        summary: 'What could not be processed, newest first',
        query: z.strictObject({
          queue: z.optional(z.string().check(z.maxLength(200))),
          limit: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(200))),
          cursor: z.optional(z.string()),
        }),
        output: z.strictObject({ items: z.array(DeadLetter), cursor: z.optional(z.string()) }),
      },
      'POST /api/dead-letters/{id}/replay': {
        role: 'operator',
        summary: 'Send a dead letter once more',
        output: DeadLetter,
        status: 202,
        writes: 'dead/{id}',
      },
      'GET /api/keys': {
        role: 'admin',
        summary: 'The API keys, without the keys',
        output: z.strictObject({ items: z.array(Key) }),
      },
      'POST /api/keys': {
        role: 'admin',
        summary: 'Make an API key; it is shown once',
        input: z.strictObject({ role: z.enum(['viewer', 'operator', 'admin']) }),
        output: z.strictObject({ id: z.string(), role: z.string(), key: z.string() }),
        status: 201,
      },
      'DELETE /api/keys/{id}': {
        role: 'admin',
        summary: 'Revoke an API key',
        output: z.undefined(),
        status: 204,
        writes: 'access/{id}',
      },
    }),
    sweep: schedule('* * * * *', 'app'),
  },
  limits: { memoryMb: 256, timeoutSeconds: 55, concurrency: 1 },
});
