import * as z from 'zod/mini';
import { MoneySchema } from '../../shared/domain/money.ts';
import { defineFunction, direct, event, http, queue, schedule } from '../../shared/function.ts';

const Period = { from: z.optional(z.iso.date()), to: z.optional(z.iso.date()) };
export const DIMENSIONS = ['provider', 'service', 'region', 'account', 'environment'] as const;
const Amounts = z.array(z.strictObject({ name: z.string(), cost: MoneySchema }));
export const Overview = z.strictObject({
  from: z.string(),
  to: z.string(),
  total: z.array(MoneySchema),
  byProvider: Amounts,
  sample: z.boolean(),
});

export const costReport = defineFunction({
  name: 'cost-report',
  purpose: 'Tells what the estate costs and where the money goes',
  uses: ['estate'],
  sends: ['cost-report'],
  on: {
    http: http({
      'GET /api/cloud/costs/overview': {
        role: 'viewer',
        summary: 'Total and share of each provider',
        query: z.strictObject(Period),
        output: Overview,
      },
      'GET /api/cloud/costs/breakdown': {
        role: 'viewer',
        summary: 'Costs by one dimension, the dearest first',
        query: z.strictObject({ ...Period, by: z.enum(DIMENSIONS) }),
        output: z.strictObject({
          from: z.string(),
          to: z.string(),
          by: z.enum(DIMENSIONS),
          items: Amounts,
          sample: z.boolean(),
        }),
      },
      'GET /api/cloud/costs/reports': {
        role: 'viewer',
        summary: 'Monthly reports that were made',
        output: z.strictObject({
          items: z.array(z.strictObject({ id: z.string(), madeAt: z.int(), overview: Overview })),
        }),
      },
    }),
    make: queue('cost-report', z.strictObject({ month: z.string().check(z.regex(/^\d{4}-\d{2}$/)) })),
    discovered: event('discovery.completed', z.strictObject({ id: z.string(), resources: z.int() })),
    monthly: schedule('30 6 1 * *'),
    total: direct(z.strictObject(Period), Overview),
  },
  limits: { memoryMb: 512, timeoutSeconds: 120, concurrency: 2 },
});
