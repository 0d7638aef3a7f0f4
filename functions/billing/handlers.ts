import type { Subscription } from '../../shared/domain/customer.ts';
import { customerPartition } from '../../shared/domain/customer.ts';
import type { Ticket } from '../../shared/domain/ticket.ts';
import type { Intent } from '../../shared/domain/vocabulary.ts';
import { notFound, PermanentError } from '../../shared/errors.ts';
import type { ContextOf, Handlers } from '../../shared/function.ts';
import { extractEntities } from '../../shared/models/offline/entities.ts';
import { put } from '../../shared/pipeline/writes.ts';
import { handOver, opinionOn, partFor, wordsOf } from '../../shared/specialists/opinion.ts';
import { lookUp, type Opinion, reportFinding } from '../../shared/specialists/report.ts';
import { idsOf, openTotals } from './books.ts';
import type { billing } from './function.ts';
import { type Account, DUPLICATE_WINDOW_HOURS, examine, HUMAN_DECIDES } from './rules.ts';

type Ctx = ContextOf<typeof billing>;

async function accountOf(customerId: string, ctx: Ctx): Promise<Account | undefined> {
  const customer = await ctx.customers.profile(customerId);
  if (!customer) return undefined;
  const [invoices, subscriptions] = await Promise.all([
    ctx.customers.invoices(customerId),
    ctx.customers.subscriptions(customerId),
  ]);
  return { customer, invoices, subscriptions };
}

async function think(ticket: Ticket, ctx: Ctx, intents: readonly Intent[]): Promise<Opinion> {
  const looked = await lookUp(() => accountOf(ticket.customerId, ctx));
  if ('missing' in looked) return handOver(`${looked.missing}; no money is discussed without the books`);
  const [whole, part] = [wordsOf(ticket), partFor(ticket, intents)];
  const written = extractEntities(whole).flatMap(({ kind, value }) => (kind === 'invoice' ? [value] : []));
  const examined = examine({ whole, part, named: idsOf(written, looked.found.invoices) }, looked.found);
  const customerName = looked.found.customer.name;
  return opinionOn(examined, { agent: 'billing', intent: 'billing', ticket, text: part, customerName }, ctx);
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
