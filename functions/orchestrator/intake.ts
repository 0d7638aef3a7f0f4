import { timeKey } from '../../shared/domain/ids.ts';
import { type Ticket, type TicketRequest, urgent } from '../../shared/domain/ticket.ts';
import { SLA_MS } from '../../shared/domain/vocabulary.ts';
import { put } from '../../shared/pipeline/writes.ts';
import type { IndexEntries, Write } from '../../shared/ports/store.ts';

/** A ticket as it comes in: nothing is known yet but what its sender says. */
export function newTicket(id: string, request: TicketRequest, now: number): Ticket {
  const { priority = 'P3', ...said } = request;
  return {
    v: 1,
    id,
    state: 'received',
    ...said,
    priority,
    episode: 1,
    openedAt: now,
    dueAt: now + SLA_MS[priority],
    expected: [],
    timeline: [{ at: now, what: 'received', detail: request.channel }],
  };
}

/** Entries by which lists find a ticket; they move with its state. */
export function ticketIndexes(ticket: Ticket): IndexEntries {
  const sort = `${timeKey(ticket.openedAt)}/${ticket.id}`;
  return {
    i1: { hash: `ticket-state#${ticket.state}`, sort },
    i2: { hash: `ticket-customer#${ticket.customerId}`, sort },
    due: { hash: 'tickets', sort },
  };
}

export const ticketWrite = (ticket: Ticket, condition: Extract<Write, { kind: 'put' }>['if']): Write =>
  put('ticket', ticket, condition, { indexes: ticketIndexes(ticket) });

/** The write and the message that open a ticket. P1 has a queue of its own and never waits behind the others. */
export function opening(ticket: Ticket) {
  return {
    writes: [ticketWrite(ticket, 'absent')],
    send: [
      {
        to: urgent(ticket.priority) ? ('tickets-urgent' as const) : ('tickets' as const),
        subject: ticket.id,
        data: { ticketId: ticket.id },
      },
    ],
  };
}

/** Name of the timer that ends the wait for findings. */
export const deadlineName = (ticket: Pick<Ticket, 'episode'>): string => `deadline-${ticket.episode}`;
