import { customerWrites } from '../../shared/customers/stored.ts';
import {
  CustomerId,
  type CustomerProfile,
  type CustomerRecord,
  customerPartition,
} from '../../shared/domain/customer.ts';
import type { Ticket } from '../../shared/domain/ticket.ts';
import type { Intent } from '../../shared/domain/vocabulary.ts';
import { notFound } from '../../shared/errors.ts';
import type { ContextOf, Handlers } from '../../shared/function.ts';
import { parseInput } from '../../shared/schema.ts';
import { handOver, opinionOn, partFor, wordsOf } from '../../shared/specialists/opinion.ts';
import { lookUp, type Opinion, reportFinding } from '../../shared/specialists/report.ts';
import type { account } from './function.ts';
import { type AccountRecord, examine } from './rules.ts';

type Ctx = ContextOf<typeof account>;

async function recordOf(customerId: string, ctx: Ctx): Promise<AccountRecord | undefined> {
  const customer = await ctx.customers.profile(customerId);
  return customer && { customer, subscriptions: await ctx.customers.subscriptions(customerId) };
}

async function think(ticket: Ticket, ctx: Ctx, intents: readonly Intent[]): Promise<Opinion> {
  const looked = await lookUp(() => recordOf(ticket.customerId, ctx));
  if ('missing' in looked) return handOver(looked.missing);
  const part = partFor(ticket, intents);
  const examined = examine({ whole: wordsOf(ticket), part }, looked.found);
  const customerName = looked.found.customer.name;
  return opinionOn(examined, { agent: 'account', intent: 'account', ticket, text: part, customerName }, ctx);
}

async function wholeCustomer(id: string, ctx: Ctx) {
  const profile = (await ctx.read.get<CustomerProfile>(customerPartition(id), 'profile'))?.value;
  if (!profile) throw notFound(`Customer ${id}`);
  const [subscriptions, invoices] = await Promise.all([
    ctx.customers.subscriptions(id),
    ctx.customers.invoices(id, 100),
  ]);
  return { id, ...profile, subscriptions: [...subscriptions], invoices: [...invoices] };
}

async function replaceCustomer(rawId: string, record: CustomerRecord, ctx: Ctx) {
  const id = parseInput(CustomerId, rawId, 'customer id');
  const { items } = await ctx.read.list(customerPartition(id), { limit: 1000 });
  const existing = items.map((item) => item.key).filter((key) => /^(profile|subscription|invoice)\b/.test(key));
  const answer = { id, ...record };
  return ctx.commit(customerPartition(id), { writes: customerWrites(id, record, existing), answer });
}

export const handlers: Handlers<typeof account> = {
  http: {
    'GET /api/customers': async ({ query: { limit = 50, cursor } }, ctx) => {
      const page = await ctx.read.find<CustomerProfile>('i2', 'customers', '', {
        limit,
        ...(cursor ? { cursor } : {}),
      });
      const items = page.items.map((item) => ({ id: item.partition.slice('customer/'.length), ...item.value }));
      return page.cursor ? { items, cursor: page.cursor } : { items };
    },
    'GET /api/customers/{id}': async ({ params }, ctx) => wholeCustomer(params.id, ctx),
    'PUT /api/customers/{id}': async ({ params, body }, ctx) => replaceCustomer(params.id, body, ctx),
  },
  assigned: async (assignment, ctx) => reportFinding('account', assignment, ctx, think),
};
