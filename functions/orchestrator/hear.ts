import { newId, timeKey } from '../../shared/domain/ids.ts';
import { type Decision, type Message, type Ticket, ticketPartition } from '../../shared/domain/ticket.ts';
import { notFound } from '../../shared/errors.ts';
import { put } from '../../shared/pipeline/writes.ts';
import type { Ctx } from './context.ts';
import { ticketWrite } from './intake.ts';

/**
 * Adds what the customer says to a ticket. A closed ticket is opened again and goes to a human: the desk's own answer did
 * not settle it. With a human, or while the specialists are at work, the words are only kept.
 */
export async function hearCustomer(id: string, text: string, ctx: Ctx) {
  const partition = ticketPartition(id);
  const item = await ctx.read.get<Ticket>(partition, 'ticket');
  if (!item) throw notFound(`Ticket ${id}`);
  const now = ctx.clock.now();
  const message: Message = { id: newId('msg', now), from: 'customer', text, at: now };
  const said = put(`message/${timeKey(now)}/${message.id}`, message);
  const ticket = item.value.state === 'closed' ? reopened(item.value, now) : item.value;
  const escalate = ticket !== item.value && ticket.decision;
  return ctx.commit(partition, {
    writes: [ticketWrite(ticket, item.version), said],
    ...(escalate
      ? { send: [{ to: 'escalations', subject: id, data: { ticketId: id, decision: escalate.version } }] }
      : {}),
    answer: { id: message.id, state: ticket.state },
  });
}

function reopened(ticket: Ticket, now: number): Ticket {
  const reason = 'The customer wrote again after the answer';
  const version = (ticket.decision?.version ?? 0) + 1;
  const decision: Decision = { version, kind: 'handoff', confidence: 0, reason, agents: [], missing: [], at: now };
  return {
    ...ticket,
    state: 'handed_over',
    episode: ticket.episode + 1,
    decision,
    endedAt: now,
    timeline: [...ticket.timeline, { at: now, what: 'handed over', detail: reason }],
  };
}
