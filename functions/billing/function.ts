import * as z from 'zod/mini';
import { CustomerId, SubscriptionSchema } from '../../shared/domain/customer.ts';
import { Assignment } from '../../shared/domain/finding.ts';
import { MoneySchema } from '../../shared/domain/money.ts';
import { defineFunction, event, http, queue } from '../../shared/function.ts';

const Policies = z.strictObject({
  duplicateWindowHours: z.number(),
  humanDecides: z.array(z.string()),
});

export const SubscriptionChanged = z.strictObject({ customerId: CustomerId, subscription: SubscriptionSchema });

export const billing = defineFunction({
  name: 'billing',
  purpose: 'Answers billing questions from invoices and subscriptions, proposes credits and refunds',
  uses: ['model', 'customers'],
  sends: ['findings'],
  on: {
    http: http({
      'GET /api/billing/policies': {
        role: 'viewer',
        summary: 'Rules by which billing answers and proposes',
        output: Policies,
      },
      'GET /api/billing/customers/{id}/balance': {
        role: 'viewer',
        summary: 'What a customer owes, from open invoices',
        output: z.strictObject({ customerId: z.string(), open: z.array(MoneySchema) }),
      },
    }),
    assigned: queue('billing', Assignment),
    subscriptionChanged: event('customer.subscription.changed', SubscriptionChanged, { from: 'outside' }),
  },
  limits: { memoryMb: 512, timeoutSeconds: 60, concurrency: 10 },
});
