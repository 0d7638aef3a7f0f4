import type { Context } from '../context.ts';
import { type Assignment, Finding } from '../domain/finding.ts';
import { type Ticket, ticketPartition } from '../domain/ticket.ts';
import type { Intent, Specialist } from '../domain/vocabulary.ts';
import { PermanentError, UnavailableError } from '../errors.ts';
import { put } from '../pipeline/writes.ts';
import type { AskOptions } from '../ports/model.ts';
import { parseOutput } from '../schema.ts';

/** Says to a model which ticket pays for the question, how urgent it is, and until when somebody waits. */
export const onBehalfOf = (ticket: Pick<Ticket, 'id' | 'priority'>, ctx: Pick<Context, 'deadline'>): AskOptions => ({
  ticket: ticket.id,
  priority: ticket.priority,
  deadline: ctx.deadline,
});

export const findingPrefix = (episode: number): string => `finding/${episode}/`;

/** What a specialist makes of a ticket; the rest of the finding is the same for all. */
export type Opinion = Omit<Finding, 'agent'>;

/**
 * The part that every specialist shares: read the ticket, think, commit the finding with the word to the orchestrator.
 * A second assignment of the same task meets the first finding and takes its place, before the decision or never.
 * @param think gets the intents that this specialist is asked about
 */
export async function reportFinding<C extends Context<never, 'findings'>>(
  agent: Specialist,
  assignment: Assignment,
  ctx: C,
  think: (ticket: Ticket, ctx: C, intents: readonly Intent[]) => Promise<Opinion>,
): Promise<void> {
  const partition = ticketPartition(assignment.ticketId);
  const ticket = (await ctx.read.get<Ticket>(partition, 'ticket'))?.value;
  if (!ticket) throw new PermanentError('unknown_ticket', `Ticket ${assignment.ticketId} does not exist`);
  const key = `${findingPrefix(ticket.episode)}${agent}`;
  const opinion = await think(ticket, ctx, assignment.intents);
  const finding = parseOutput(Finding, { agent, ...opinion }, `The finding of ${agent}`);
  const data = { ticketId: ticket.id, cause: 'finding', agent, episode: ticket.episode };
  await ctx.commit(partition, {
    writes: [put(key, finding, 'any')],
    send: [{ to: 'findings', subject: ticket.id, data }],
  });
}

/** A specialist that has nothing to say to this ticket. */
export const nothingToSay = (reason: string): Opinion => ({
  verdict: 'nothing',
  confidence: 1,
  evidence: [],
  proposedActions: [],
  reason,
  model: 'rules',
});

/** What `load` finds, or why a human has to look: the customer is not known, or the customer system is away. */
export async function lookUp<T>(load: () => Promise<T | undefined>): Promise<{ found: T } | { missing: string }> {
  try {
    const found = await load();
    return found === undefined ? { missing: 'The customer is not known' } : { found };
  } catch (error) {
    if (error instanceof UnavailableError) return { missing: 'The customer system is away' };
    throw error;
  }
}
