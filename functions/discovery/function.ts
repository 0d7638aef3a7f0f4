import * as z from 'zod/mini';
import { KINDS, PROVIDERS, ResourceSchema } from '../../shared/domain/resource.ts';
import { defineFunction, direct, event, http, queue, schedule } from '../../shared/function.ts';

const Filters = {
  provider: z.optional(z.enum(PROVIDERS)),
  kind: z.optional(z.enum(KINDS)),
  region: z.optional(z.string().check(z.maxLength(60))),
  text: z.optional(z.string().check(z.maxLength(200))),
};
const Listing = z.strictObject({
  ...Filters,
  limit: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(500))),
  cursor: z.optional(z.string().check(z.maxLength(200))),
});
export const Run = z.strictObject({
  id: z.string(),
  startedAt: z.int(),
  resources: z.int(),
  byProvider: z.record(z.string(), z.int()),
  byKind: z.record(z.string(), z.int()),
});
export const RunRequest = z.strictObject({ reason: z.string().check(z.maxLength(200)) });

export const discovery = defineFunction({
  name: 'discovery',
  purpose: 'Keeps the inventory of what runs on the connected providers',
  uses: ['estate'],
  sends: ['discovery'],
  emits: ['discovery.completed'],
  on: {
    http: http({
      'GET /api/cloud/resources': {
        role: 'viewer',
        summary: 'Search the inventory',
        query: Listing,
        output: z.strictObject({
          items: z.array(ResourceSchema),
          total: z.int(),
          sample: z.boolean(),
          cursor: z.optional(z.string()),
        }),
      },
      'GET /api/cloud/resources/{id}': { role: 'viewer', summary: 'One resource', output: ResourceSchema },
      'POST /api/cloud/discoveries': {
        role: 'operator',
        summary: 'Start a discovery now',
        input: RunRequest,
        output: z.strictObject({ id: z.string(), follow: z.string() }),
        status: 202,
        writes: 'discovery/{id}',
        creates: 'run',
        location: '/api/cloud/discoveries/{id}',
      },
      'GET /api/cloud/discoveries/{id}': {
        role: 'viewer',
        summary: 'How a discovery went',
        output: z.strictObject({ id: z.string(), state: z.enum(['queued', 'completed']), run: z.optional(Run) }),
      },
    }),
    run: queue('discovery', z.strictObject({ id: z.string() })),
    resourceChanged: event(
      'cloud.resource.changed',
      z.strictObject({ provider: z.enum(PROVIDERS), providerId: z.string() }),
      { from: 'outside' },
    ),
    daily: schedule('15 3 * * *'),
    count: direct(z.strictObject(Filters), z.strictObject({ total: z.int() })),
  },
  limits: { memoryMb: 512, timeoutSeconds: 120, concurrency: 2 },
});
