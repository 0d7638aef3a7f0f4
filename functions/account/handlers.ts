import { customerWrites } from '../../shared/customers/stored.ts';
import {
  CustomerId,
  type CustomerProfile,
  type CustomerRecord,
  customerPartition,
} from '../../shared/domain/customer.ts';
import type { Ticket } from '../../shared/domain/ticket.ts';
import { notFound, UnavailableError } from '../../shared/errors.ts';
import type { ContextOf, Handlers } from '../../shared/function.ts';
import { searchArticles } from '../../shared/knowledge/articles.ts';
import { parseInput } from '../../shared/schema.ts';
import { type Opinion, reportFinding } from '../../shared/specialist.ts';
import type { account } from './function.ts';
import { examine } from './rules.ts';

type Ctx = ContextOf<typeof account>;

/** Share of the question that an article must cover before it may answer it. */
const COVERED = 0.35;

const escalate = (reason: string): Opinion => ({
  verdict: 'escalate',
  confidence: 0.85,
  evidence: [{ fact: reason, source: 'customers' }],
  proposedActions: [],
  reason,
  model: 'rules',
});

async function think(ticket: Ticket, ctx: Ctx): Promise<Opinion> {
  const { customerId, description } = ticket;
  let found: ReturnType<typeof examine>;
  let name: string;
  try {
    const customer = await ctx.customers.profile(customerId);
    if (!customer) return escalate('The customer is not known');
    name = customer.name;
    found = examine(description, customer, await ctx.customers.subscriptions(customerId));
  } catch (error) {
    if (error instanceof UnavailableError) return escalate('The customer system is away');
    throw error;
  }
  const [hit] = found.searchable ? await searchArticles(ctx, description, 1) : [];
  const article = hit && hit.coverage >= COVERED ? hit : undefined;
  const evidence = [
    ...found.facts.map((fact) => ({ fact, source: 'customers' })),
    ...(article ? [{ fact: article.passage, source: `article ${article.article.id}` }] : []),
  ];
  const base = {
    evidence,
    proposedActions: [...found.actions],
    reason: article ? `Answered by article ${article.article.id}` : found.reason,
  };
  if (evidence.length === 0) return { ...base, verdict: found.verdict, confidence: found.confidence, model: 'rules' };
  const { value, model } = await ctx.model.ask('reply', {
    agent: 'account',
    intent: 'account',
    text: description,
    customerName: name,
    facts: [...found.facts],
    amounts: [],
    articles: article ? [{ id: article.article.id, title: article.article.title, passage: article.passage }] : [],
  });
  return {
    ...base,
    verdict: 'answered',
    confidence: Math.min(0.85, value.confidence),
    proposedReply: value.reply,
    model,
  };
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
