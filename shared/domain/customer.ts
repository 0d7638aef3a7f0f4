import * as z from 'zod/mini';
import { MoneySchema } from './money.ts';

const Id = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,119}$/, '1 to 120 letters, digits and . _ : @ -'));
export const CustomerId = Id;

export const SubscriptionSchema = z.strictObject({
  id: Id,
  plan: z.string().check(z.maxLength(100)),
  status: z.enum(['trialing', 'active', 'past_due', 'suspended', 'cancelled']),
  price: MoneySchema,
  interval: z.enum(['month', 'year']),
  seats: z.int().check(z.nonnegative()),
  renewsAt: z.optional(z.iso.datetime()),
});
export type Subscription = z.infer<typeof SubscriptionSchema>;

export const InvoiceSchema = z.strictObject({
  id: Id,
  issuedAt: z.iso.datetime(),
  total: MoneySchema,
  status: z.enum(['draft', 'open', 'paid', 'void', 'uncollectible']),
  payments: z.array(
    z.strictObject({
      id: Id,
      amount: MoneySchema,
      at: z.iso.datetime(),
      status: z.enum(['succeeded', 'failed', 'refunded', 'pending']),
    }),
  ),
});
export type Invoice = z.infer<typeof InvoiceSchema>;

export const CustomerSchema = z.strictObject({
  name: z.string().check(z.maxLength(200)),
  email: z.optional(z.email()),
  tier: z.enum(['free', 'standard', 'premium', 'enterprise']),
  region: z.optional(z.string().check(z.maxLength(40))),
  status: z.enum(['active', 'suspended', 'closed']),
  seatsUsed: z.optional(z.int().check(z.nonnegative())),
});
export type CustomerProfile = z.infer<typeof CustomerSchema>;
export type Customer = CustomerProfile & { readonly id: string };

/** A customer whole, as the API and JSON files take it. */
export const CustomerRecord = z.strictObject({
  ...CustomerSchema.shape,
  subscriptions: z._default(z.array(SubscriptionSchema).check(z.maxLength(20)), []),
  invoices: z._default(z.array(InvoiceSchema).check(z.maxLength(60)), []),
});
export type CustomerRecord = z.infer<typeof CustomerRecord>;

export const customerPartition = (id: string): string => `customer/${id}`;
