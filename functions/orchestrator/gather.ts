import type { Finding, FindingsChanged } from '../../shared/domain/finding.ts';
import { timeKey } from '../../shared/domain/ids.ts';
import { type Decision, type Message, type Ticket, ticketPartition } from '../../shared/domain/ticket.ts';
import { PermanentError } from '../../shared/errors.ts';
import { put } from '../../shared/pipeline/writes.ts';
import type { Version } from '../../shared/ports/store.ts';
import { findingPrefix } from '../../shared/specialists/report.ts';
import type { Ctx } from './context.ts';
import { type Verdict, weigh } from './decide.ts';
import { deadlineName, ticketWrite } from './intake.ts';

/** Decides a ticket once every expected finding is there, or its deadline has passed. */
export async function gather(change: FindingsChanged, ctx: Ctx): Promise<void> {
  const partition = ticketPartition(change.ticketId);
  const item = await ctx.read.get<Ticket>(partition, 'ticket');
  if (!item) throw new PermanentError('unknown_ticket', `Ticket ${change.ticketId} does not exist`);
  const ticket = item.value;
  if (ticket.state !== 'gathering' || ticket.episode !== change.episode) return;
  const { items } = await ctx.read.list<Finding>(partition, { prefix: findingPrefix(ticket.episode) });
  const findings = items.map((found) => found.value);
  const complete = ticket.expected.every((agent) => findings.some((finding) => finding.agent === agent));
  if (!complete && change.cause === 'deadline')
    ctx.metrics.count('agent_coordination_failures_total', { reason: 'deadline' });
  if (complete || change.cause === 'deadline') await conclude(ticket, item.version, weigh(ticket, findings), ctx);
}

/**
 * Ends a ticket for the machine: one commit with the decision, its reply or its hand-over. The version decides races:
 * of two conclusions of the same state one finds the ticket changed, is tried again, and sees that it is decided.
 */
export async function conclude(ticket: Ticket, version: Version, verdict: Verdict, ctx: Ctx): Promise<void> {
  const now = ctx.clock.now();
  const decision: Decision = { ...verdict, version: (ticket.decision?.version ?? 0) + 1, at: now };
  const replied = decision.kind === 'reply' && decision.suggestedReply !== undefined;
  const state = replied ? 'closed' : 'handed_over';
  const ended: Ticket = {
    ...ticket,
    state,
    decision,
    endedAt: now,
    timeline: [...ticket.timeline, { at: now, what: replied ? 'replied' : 'handed over', detail: decision.reason }],
  };
  const message: Message = {
    id: `${ticket.id}-${decision.version}`,
    from: 'desk',
    text: decision.suggestedReply ?? '',
    at: now,
    decision: decision.version,
  };
  const writes = [
    ticketWrite(ended, version),
    ...(replied ? [put(`message/${timeKey(now)}/${decision.version}`, message)] : []),
  ];
  const send = replied
    ? []
    : [{ to: 'escalations' as const, subject: ticket.id, data: { ticketId: ticket.id, decision: decision.version } }];
  const type = replied ? ('ticket.closed' as const) : ('ticket.handed_over' as const);
  const emit = [
    { type, subject: ticket.id, data: { ticketId: ticket.id, reason: decision.reason, priority: ticket.priority } },
  ];
  await ctx.commit(ticketPartition(ticket.id), {
    writes,
    send,
    emit,
    cancel: ticket.deadline === undefined ? [] : [deadlineName(ticket)],
  });
  ctx.metrics.count('tickets_processed', {
    status: state,
    agent: decision.agents.find((agent) => agent !== 'sentiment') ?? 'orchestrator',
  });
  ctx.metrics.observe('ticket_resolution_time', { priority: ticket.priority }, (now - ticket.openedAt) / 1000);
}
