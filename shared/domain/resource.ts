import * as z from 'zod/mini';

export const PROVIDERS = ['aws', 'azure', 'gcp', 'digitalocean'] as const;
export const KINDS = [
  'compute',
  'database',
  'storage',
  'network',
  'load_balancer',
  'cdn',
  'dns',
  'serverless',
  'container',
] as const;

/** One thing in the inventory. `id` is ours; `providerId` is the provider's own, untouched, as are its tags. */
export const ResourceSchema = z.strictObject({
  id: z.string(),
  providerId: z.string(),
  provider: z.enum(PROVIDERS),
  account: z.string(),
  kind: z.enum(KINDS),
  type: z.string(),
  name: z.string(),
  region: z.string(),
  status: z.enum(['running', 'stopped', 'degraded', 'unknown']),
  tags: z.record(z.string(), z.string()),
  createdAt: z.iso.datetime(),
});
export type Resource = z.infer<typeof ResourceSchema>;
