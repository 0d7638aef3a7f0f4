import * as z from 'zod/mini';
import { MoneySchema } from './money.ts';
import { TicketId } from './ticket.ts';
import { INTENTS, PRIORITIES, SPECIALISTS } from './vocabulary.ts';

/** One piece of work for a specialist, as it travels on its queue. */
export const Assignment = z.strictObject({
  taskId: z.string(),
  ticketId: TicketId,
  agent: z.enum(SPECIALISTS),
  /** The intents that this specialist is asked about. */
  intents: z.array(z.enum(INTENTS)),
  priority: z.enum(PRIORITIES),
  /** Epoch milliseconds after which nobody waits for the finding. */
  deadline: z.int(),
});
export type Assignment = z.infer<typeof Assignment>;

/** What an action would do; carried out only by the tools that are allowed to. */
export const ProposedAction = z.strictObject({
  tool: z.string(),
  reason: z.string(),
  arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), MoneySchema])),
});
export type ProposedAction = z.infer<typeof ProposedAction>;

/** What a specialist reports on a ticket. */
export const Finding = z.strictObject({
  agent: z.enum(SPECIALISTS),
  /** `answered`: the reply settles it; `escalate`: a human has to; `nothing`: not this specialist's matter. */
  verdict: z.enum(['answered', 'escalate', 'nothing']),
  confidence: z.number().check(z.gte(0), z.lte(1)),
  /** Facts that the verdict rests on, each with where it was read. */
  evidence: z.array(z.strictObject({ fact: z.string(), source: z.string() })),
  proposedActions: z.array(ProposedAction),
  proposedReply: z.optional(z.string()),
  /** Why, for the human who reads it. */
  reason: z.string(),
  /** Who thought it: `offline` or a model's name. */
  model: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** Tells the orchestrator that there is something new to weigh. */
export const FindingsChanged = z.strictObject({
  ticketId: TicketId,
  cause: z.enum(['finding', 'deadline']),
  agent: z.optional(z.enum(SPECIALISTS)),
  episode: z.int(),
});
export type FindingsChanged = z.infer<typeof FindingsChanged>;
