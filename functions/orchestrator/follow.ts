import type { Finding } from '../../shared/domain/finding.ts';
import { sumDecimals } from '../../shared/domain/money.ts';
import { type Message, type Ticket, TicketId, type TicketState, ticketPartition } from '../../shared/domain/ticket.ts';
import { badRequest, notFound } from '../../shared/errors.ts';
import type { Delivery } from '../../shared/ports/notifier.ts';
import type { Item, Page } from '../../shared/ports/store.ts';
import { parseInput } from '../../shared/schema.ts';
import type { Ctx } from './context.ts';

/** How people were told of a hand-over, as `escalate.ts` keeps it. */
type Told = Delivery & { readonly v: 1; readonly at: number };

interface Filter {
  readonly state?: TicketState | undefined;
  readonly customer?: string | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** Newest first, by the one index that serves the filter. */
export async function listTickets({ state, customer, limit = 50, cursor }: Filter, ctx: Ctx) {
  if (state && customer) throw badRequest('Filter by state or by customer, not by both');
  const range = { limit, reverse: true, ...(cursor ? { cursor } : {}) };
  const page: Page<Item<Ticket>> = state
    ? await ctx.read.find('i1', 'ticket-state', state, range)
    : customer
      ? await ctx.read.find('i2', 'ticket-customer', customer, range)
      : await ctx.read.find('due', 'tickets', '', range);
  const items = page.items.map(
    ({ value: { id, state, customerId, channel, subject, priority, openedAt, endedAt } }) => ({
      id,
      state,
      customerId,
      channel,
      subject,
      priority,
      openedAt,
      endedAt,
    }),
  );
  return page.cursor ? { items, cursor: page.cursor } : { items };
}

/** One ticket whole, in one read of its partition. */
export async function followTicket(id: string, ctx: Ctx) {
  parseInput(TicketId, id, 'ticket id');
  const partition = ticketPartition(id);
  const ticket = await ctx.read.get<Ticket>(partition, 'ticket');
  if (!ticket) throw notFound(`Ticket ${id}`);
  const [messages, findings, notifications, costs] = await Promise.all([
    ctx.read.list<Message>(partition, { prefix: 'message/', limit: 1000 }),
    ctx.read.list<Finding>(partition, { prefix: 'finding/', limit: 1000 }),
    ctx.read.list<Told>(partition, { prefix: 'escalation/', limit: 1000 }),
    ctx.read.list<{ usd: string }>(partition, { prefix: 'cost/', limit: 1000 }),
  ]);
  const { v: _, ...shown } = ticket.value;
  return {
    ...shown,
    messages: messages.items.map((item) => item.value),
    findings: findings.items.map((item) => item.value),
    modelCost: { amount: sumDecimals(costs.items.map((item) => item.value.usd)), currency: 'USD' },
    notifications: notifications.items.map(({ value: { v: _v, ...told } }) => told),
  };
}
