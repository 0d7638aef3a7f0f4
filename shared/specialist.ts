import type { Context } from './context.ts';
import { type Assignment, Finding } from './domain/finding.ts';
import { type Ticket, ticketPartition } from './domain/ticket.ts';
import type { Specialist } from './domain/vocabulary.ts';
import { PermanentError } from './errors.ts';
import { put } from './pipeline/writes.ts';
import { parseOutput } from './schema.ts';

export const findingPrefix = (episode: number): string => `finding/${episode}/`;

/** What a specialist makes of a ticket; the rest of the finding is the same for all. */
export type Opinion = Omit<Finding, 'agent'>;

/**
 * The part that every specialist shares: read the ticket, think, commit the finding with the word to the orchestrator.
 * A finding that is already there is not made again.
 */
export async function reportFinding<C extends Context<never, 'findings'>>(
  agent: Specialist,
  assignment: Assignment,
  ctx: C,
  think: (ticket: Ticket, ctx: C) => Promise<Opinion>,
): Promise<void> {
  const partition = ticketPartition(assignment.ticketId);
  const ticket = (await ctx.read.get<Ticket>(partition, 'ticket'))?.value;
  if (!ticket) throw new PermanentError('unknown_ticket', `Ticket ${assignment.ticketId} does not exist`);
  const key = `${findingPrefix(ticket.episode)}${agent}`;
  const finding = parseOutput(Finding, { agent, ...(await think(ticket, ctx)) }, `The finding of ${agent}`);
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
