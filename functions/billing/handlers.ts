import type { Subscription } from '../../shared/domain/customer.ts';
import { customerPartition } from '../../shared/domain/customer.ts';
import type { Ticket } from '../../shared/domain/ticket.ts';
import { notFound, PermanentError, UnavailableError } from '../../shared/errors.ts';
import type { ContextOf, Handlers } from '../../shared/function.ts';
import { extractEntities } from '../../shared/models/offline/entities.ts';
import { put } from '../../shared/pipeline/writes.ts';
import { type Opinion, reportFinding } from '../../shared/specialist.ts';
import type { billing } from './function.ts';
import { type Account, DUPLICATE_WINDOW_HOURS, examine, HUMAN_DECIDES, openTotals } from './rules.ts';

type Ctx = ContextOf<typeof billing>;

const customerDown = (customerId: string): Opinion => ({
  verdict: 'escalate',
  confidence: 0.9,
  evidence: [{ fact: `The customer system did not answer for ${customerId}`, source: 'customers' }],
  proposedActions: [],
  reason: 'The customer system is away; no money is discussed without the books',
  model: 'rules',
});

async function accountOf(customerId: string, ctx: Ctx): Promise<Account | undefined> {
  const customer = await ctx.customers.profile(customerId);
  if (!customer) return undefined;
  const [invoices, subscriptions] = await Promise.all([
    ctx.customers.invoices(customerId),
    ctx.customers.subscriptions(customerId),
  ]);
  return { customer, invoices, subscriptions };
}

async function think(ticket: Ticket, ctx: Ctx): Promise<Opinion> {
  const account = await accountOf(ticket.customerId, ctx).catch((error: unknown) => {
    if (error instanceof UnavailableError) return 'down' as const;
    throw error;
  });
  if (account === 'down') return customerDown(ticket.customerId);
  if (!account)
    return {
      ...customerDown(ticket.customerId),
      evidence: [{ fact: `No customer ${ticket.customerId}`, source: 'customers' }],
      reason: 'The customer is not known',
    };
  const entities = extractEntities(ticket.description);
  const found = examine(ticket.description, entities.invoices, account);
  const base = { evidence: [...found.evidence], proposedActions: [...found.actions], reason: found.reason };
  if (found.facts.length === 0)
    return { ...base, verdict: found.verdict, confidence: found.confidence, model: 'rules' };
  const { value, model } = await ctx.model.ask('reply', {
    agent: 'billing',
    intent: 'billing',
    text: ticket.description,
    customerName: account.customer.name,
    facts: [...found.facts],
    amounts: [],
    articles: [],
  });
  return {
    ...base,
    verdict: found.verdict,
    confidence: Math.min(found.confidence, value.confidence),
    proposedReply: value.reply,
    model,
  };
}

export const handlers: Handlers<typeof billing> = {
  http: {
    'GET /api/billing/policies': async () => ({
      duplicateWindowHours: DUPLICATE_WINDOW_HOURS,
      humanDecides: [...HUMAN_DECIDES],
    }),
    'GET /api/billing/customers/{id}/balance': async ({ params }, ctx) => {
      const account = await accountOf(params.id, ctx);
      if (!account) throw notFound(`Customer ${params.id}`);
      return { customerId: params.id, open: openTotals(account.invoices) };
    },
  },
  assigned: async (assignment, ctx) => reportFinding('billing', assignment, ctx, think),
  subscriptionChanged: async ({ customerId, subscription }, ctx) => {
    const partition = customerPartition(customerId);
    if (!(await ctx.read.get(partition, 'profile')))
      throw new PermanentError('unknown_customer', `Customer ${customerId} does not exist`);
    const key = `subscription/${subscription.id}`;
    const before = await ctx.read.get<Subscription>(partition, key);
    await ctx.commit(partition, { writes: [put(key, subscription, before?.version ?? 'absent')] });
  },
};
