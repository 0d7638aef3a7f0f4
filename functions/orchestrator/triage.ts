import type { Assignment } from '../../shared/domain/finding.ts';
import { idFrom } from '../../shared/domain/ids.ts';
import { type Ticket, type Triage, ticketPartition } from '../../shared/domain/ticket.ts';
import { PRIORITIES, type Priority, SLA_MS } from '../../shared/domain/vocabulary.ts';
import { PermanentError } from '../../shared/errors.ts';
import type { AskOptions } from '../../shared/ports/model.ts';
import { onBehalfOf } from '../../shared/specialists/report.ts';
import type { Ctx } from './context.ts';
import { confidentIntents, intentsFor, specialistsFor, type Verdict, weigh } from './decide.ts';
import { conclude } from './gather.ts';
import { deadlineName, ticketWrite } from './intake.ts';

/** How long the specialists have, milliseconds: after it the ticket is decided with what is there. */
const GATHER_MS = 30_000;

interface Words {
  readonly text: string;
  readonly subject?: string | undefined;
}

/** What the model makes of a text; the ticket of `options` pays for it. */
export async function triageText({ text, subject }: Words, ctx: Ctx, options?: AskOptions): Promise<Triage> {
  const { value, model } = await ctx.model.ask('triage', { text, ...(subject ? { subject } : {}) }, options);
  return { ...value, model };
}

/** Why a text looks as if it gave orders to the agents; loaded with the first ticket. Reasons never quote the text. */
async function steeringIn(text: string): Promise<string | undefined> {
  const { screen } = await import('../../shared/injection/screen.ts');
  const { flagged, reasons } = screen(text);
  return flagged ? reasons.join(', ') : undefined;
}

/** No model and no specialist gets to read it. */
const forHuman = (reason: string): Verdict => ({ kind: 'handoff', confidence: 0, reason, agents: [], missing: [] });

/**
 * Gives a new ticket its intents and priority, and its specialists their tasks. Without a certain intent a human gets it, and
 * so does what tries to steer the agents, unread by any of them.
 */
export async function triage(ticketId: string, ctx: Ctx): Promise<void> {
  const partition = ticketPartition(ticketId);
  const item = await ctx.read.get<Ticket>(partition, 'ticket');
  if (!item) throw new PermanentError('unknown_ticket', `Ticket ${ticketId} does not exist`);
  if (item.value.state !== 'received') return;
  const now = ctx.clock.now();
  const { description: text, subject } = item.value;
  const steering = await steeringIn(subject ? `${subject}\n${text}` : text);
  if (steering) {
    ctx.log.warn('A ticket tries to steer the agents', { ticketId, reasons: steering });
    await conclude(item.value, item.version, forHuman(`The text tries to steer the agents: ${steering}`), ctx);
    return;
  }
  const triage = await triageText({ text, subject }, ctx, onBehalfOf(item.value, ctx));
  const priority = higher(item.value.priority, triage.priority);
  const triaged: Ticket = { ...item.value, triage, priority, dueAt: item.value.openedAt + SLA_MS[priority] };
  const intents = confidentIntents(triaged);
  if (intents.length === 0) {
    await conclude(triaged, item.version, weigh(triaged, []), ctx);
    return;
  }
  const expected = specialistsFor(intents);
  const deadline = now + GATHER_MS;
  const ticket: Ticket = {
    ...triaged,
    state: 'gathering',
    expected,
    deadline,
    timeline: [...triaged.timeline, { at: now, what: 'triaged', detail: intents.join(', ') }],
  };
  const assignments = expected.map((agent) => {
    const taskId = idFrom('tsk', ticketId, String(ticket.episode), agent);
    return {
      to: agent,
      subject: ticketId,
      data: { taskId, ticketId, agent, intents: intentsFor(agent, intents), priority, deadline } satisfies Assignment,
    };
  });
  const timeUp = {
    to: 'findings' as const,
    data: { ticketId, cause: 'deadline', episode: ticket.episode },
    at: deadline,
    name: deadlineName(ticket),
  };
  await ctx.commit(partition, { writes: [ticketWrite(ticket, item.version)], send: [...assignments, timeUp] });
}

/** A sender may ask for more urgency than triage sees, never for less. */
const higher = (a: Priority, b: Priority): Priority => (PRIORITIES.indexOf(a) <= PRIORITIES.indexOf(b) ? a : b);
