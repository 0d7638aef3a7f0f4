import * as z from 'zod/mini';
import { CustomerId, CustomerRecord, CustomerSchema } from '../../shared/domain/customer.ts';
import { Assignment } from '../../shared/domain/finding.ts';
import { defineFunction, http, queue } from '../../shared/function.ts';

const Listed = z.strictObject({ id: CustomerId, ...CustomerSchema.shape });
const Whole = z.strictObject({ id: CustomerId, ...CustomerRecord.shape });
const Page = z.strictObject({
  limit: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(200))),
  cursor: z.optional(z.string()),
});

export const account = defineFunction({
  name: 'account',
  purpose: 'Answers questions about profile, plan and access; keeps the customers',
  uses: ['model', 'customers'],
  sends: ['findings'],
  on: {
    http: http({
      'GET /api/customers': {
        role: 'viewer',
        summary: 'List customers',
        query: Page,
        output: z.strictObject({ items: z.array(Listed), cursor: z.optional(z.string()) }),
      },
      'GET /api/customers/{id}': {
        role: 'viewer',
        summary: 'A customer with subscriptions and invoices',
        output: Whole,
      },
      'PUT /api/customers/{id}': {
        role: 'admin',
        summary: 'Make a customer what this says',
        input: CustomerRecord,
        output: Whole,
        writes: 'customer/{id}',
      },
    }),
    assigned: queue('account', Assignment),
  },
  limits: { memoryMb: 512, timeoutSeconds: 60, concurrency: 10 },
});
