import * as z from 'zod/mini';

/** One cost row in the FOCUS column names (https://focus.finops.org/focus-specification/); amounts are decimal strings. */
export const ChargeSchema = z.strictObject({
  BilledCost: z.string(),
  EffectiveCost: z.string(),
  ListCost: z.string(),
  ContractedCost: z.string(),
  BillingCurrency: z.string(),
  BillingAccountId: z.string(),
  ChargePeriodStart: z.iso.datetime(),
  ChargePeriodEnd: z.iso.datetime(),
  ChargeCategory: z.enum(['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment']),
  ServiceProviderName: z.string(),
  ServiceName: z.string(),
  ServiceCategory: z.string(),
  RegionId: z.nullable(z.string()),
  ResourceId: z.nullable(z.string()),
  Tags: z.record(z.string(), z.string()),
});
export type Charge = z.infer<typeof ChargeSchema>;
