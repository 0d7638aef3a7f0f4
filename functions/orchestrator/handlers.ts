import { idFrom } from '../../shared/domain/ids.ts';
import type { TicketRequest } from '../../shared/domain/ticket.ts';
import { ticketPartition } from '../../shared/domain/ticket.ts';
import { ConflictError } from '../../shared/errors.ts';
import type { Handlers, MessageInfo } from '../../shared/function.ts';
import type { Ctx } from './context.ts';
import { tellPeople } from './escalate.ts';
import { followTicket, listTickets } from './follow.ts';
import type { orchestrator } from './function.ts';
import { gather } from './gather.ts';
import { hearCustomer } from './hear.ts';
import { newTicket, opening } from './intake.ts';
import { triage, triageText } from './triage.ts';

/** A ticket that came by message: its id is made of the message's, so that a second delivery meets the first. */
async function takeIn(request: TicketRequest, ctx: Ctx, message: MessageInfo): Promise<void> {
  const id = idFrom('tkt', ctx.workspace, ctx.principal.id, message.id);
  try {
    await ctx.commit(ticketPartition(id), opening(newTicket(id, request, ctx.clock.now())));
  } catch (error) {
    if (!(error instanceof ConflictError && error.keys.includes('ticket'))) throw error;
  }
}

export const handlers: Handlers<typeof orchestrator> = {
  http: {
    'POST /api/tickets': async ({ body }, ctx) => {
      const ticket = newTicket(ctx.id, body, ctx.clock.now());
      const answer = { id: ticket.id, status: 'received' as const, follow: `/api/tickets/${ticket.id}` };
      return ctx.commit(ticketPartition(ticket.id), { ...opening(ticket), answer });
    },
    'POST /api/tickets/{id}/messages': async ({ params, body }, ctx) => hearCustomer(params.id, body.text, ctx),
    'GET /api/tickets': async ({ query }, ctx) => listTickets(query, ctx),
    'GET /api/tickets/{id}': async ({ params }, ctx) => followTicket(params.id, ctx),
  },
  intake: takeIn,
  requested: takeIn,
  received: async ({ ticketId }, ctx) => triage(ticketId, ctx),
  receivedUrgent: async ({ ticketId }, ctx) => triage(ticketId, ctx),
  findings: async (change, ctx) => gather(change, ctx),
  escalations: async ({ ticketId, decision }, ctx) => tellPeople(ticketId, decision, ctx),
  checkModels: async (_, ctx) => {
    const checked = await ctx.model.check?.();
    if (checked && checked.open > 0) ctx.log.info('Looked after models that were given up', { ...checked });
  },
  triage: async (input, ctx) => triageText(input, ctx),
};
