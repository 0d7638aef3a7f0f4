import type { Finding } from '../../shared/domain/finding.ts';
import { type Ticket, ticketPartition } from '../../shared/domain/ticket.ts';
import { AppError, PermanentError } from '../../shared/errors.ts';
import { put } from '../../shared/pipeline/writes.ts';
import { findingPrefix, onBehalfOf } from '../../shared/specialists/report.ts';
import type { Ctx } from './context.ts';

/**
 * Tells people of a hand-over: summary, findings, suggested reply. What certainly failed is tried again and ends as a
 * dead letter; what may have arrived is not sent twice, and the outcome stands on the ticket.
 */
export async function tellPeople(ticketId: string, decision: number, ctx: Ctx): Promise<void> {
  const partition = ticketPartition(ticketId);
  const ticket = (await ctx.read.get<Ticket>(partition, 'ticket'))?.value;
  if (!ticket) throw new PermanentError('unknown_ticket', `Ticket ${ticketId} does not exist`);
  if (ticket.decision?.version !== decision) return;
  const { items } = await ctx.read.list<Finding>(partition, { prefix: findingPrefix(ticket.episode) });
  const summary = await summaryOf(ticket, ctx);
  const delivery = await ctx.notifier.notify({
    key: `${ticketId}:${ticket.episode}:${decision}`,
    kind: 'escalation',
    subject: `${ticket.priority} ${ticket.subject ?? summary.slice(0, 80)}`,
    text: summary,
    data: {
      ticketId,
      customerId: ticket.customerId,
      priority: ticket.priority,
      reason: ticket.decision.reason,
      transcript: ticket.description,
      findings: items.map((item) => item.value),
      suggestedReply: ticket.decision.suggestedReply,
    },
  });
  if (delivery.outcome === 'failed')
    throw new AppError(
      'notification_failed',
      `Nobody could be told by ${delivery.channel}: ${delivery.reason ?? 'no reason given'}`,
      { retryable: true, expose: true },
    );
  await ctx.commit(partition, {
    writes: [put(`escalation/${decision}`, { v: 1, ...delivery, at: ctx.clock.now() }, 'any')],
  });
}

/** What was not triaged no model has read, and none shall now (see `triage.ts`): its beginning has to do. */
async function summaryOf(ticket: Ticket, ctx: Ctx): Promise<string> {
  if (!ticket.triage) return ticket.description.slice(0, 300);
  const question = { text: ticket.description, sentences: 2 };
  return (await ctx.model.ask('summary', question, onBehalfOf(ticket, ctx))).value.summary;
}
