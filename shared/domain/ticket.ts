import * as z from 'zod/mini';
import { CustomerId } from './customer.ts';
import { CHANNELS, INTENTS, PRIORITIES, type Priority, SPECIALISTS } from './vocabulary.ts';

export const TicketId = z.string().check(z.regex(/^tkt_[a-z0-9]{26}$/, 'a ticket id such as tkt_01k0…'));

/** A new ticket as any channel brings it. */
export const TicketRequest = z.strictObject({
  description: z.string().check(z.trim(), z.minLength(1), z.maxLength(50_000)),
  subject: z.optional(z.string().check(z.maxLength(300))),
  customerId: CustomerId,
  channel: z.enum(CHANNELS),
  priority: z.optional(z.enum(PRIORITIES)),
  customerRegion: z.optional(z.string().check(z.maxLength(40))),
  requiredModel: z.optional(z.string().check(z.maxLength(100))),
  attributes: z.optional(z.record(z.string().check(z.maxLength(60)), z.string().check(z.maxLength(1000)))),
});
export type TicketRequest = z.infer<typeof TicketRequest>;

/** `closed` and `handed_over` are terminal for the machine. */
export const TICKET_STATES = ['received', 'gathering', 'closed', 'handed_over'] as const;
export type TicketState = (typeof TICKET_STATES)[number];

const Scored = z.strictObject({ intent: z.enum(INTENTS), confidence: z.number() });

export const TriageSchema = z.strictObject({
  intents: z.array(Scored),
  priority: z.enum(PRIORITIES),
  priorityReason: z.string(),
  sentiment: z.enum(['negative', 'neutral', 'positive']),
  escalationRisk: z.number().check(z.gte(0), z.lte(1)),
  model: z.string(),
});
export type Triage = z.infer<typeof TriageSchema>;

/** What was made of the findings: data, never prose. `version` counts the decisions of a ticket. */
export const DecisionSchema = z.strictObject({
  version: z.int(),
  kind: z.enum(['reply', 'handoff']),
  confidence: z.number(),
  reason: z.string(),
  agents: z.array(z.enum(SPECIALISTS)),
  missing: z.array(z.enum(SPECIALISTS)),
  suggestedReply: z.optional(z.string()),
  at: z.int(),
});
export type Decision = z.infer<typeof DecisionSchema>;

/** One line of a ticket's timeline. */
export const TimelineEvent = z.strictObject({ at: z.int(), what: z.string(), detail: z.optional(z.string()) });
export type TimelineEvent = z.infer<typeof TimelineEvent>;

/** The head of a ticket's partition, under the key `ticket`. */
export const TicketSchema = z.strictObject({
  v: z.literal(1),
  id: TicketId,
  state: z.enum(TICKET_STATES),
  customerId: z.string(),
  channel: z.enum(CHANNELS),
  subject: z.optional(z.string()),
  description: z.string(),
  customerRegion: z.optional(z.string()),
  requiredModel: z.optional(z.string()),
  attributes: z.optional(z.record(z.string(), z.string())),
  priority: z.enum(PRIORITIES),
  /** Counts how often the conversation was opened; findings and decisions belong to one. */
  episode: z.int(),
  openedAt: z.int(),
  /** When the first answer is due. */
  dueAt: z.int(),
  endedAt: z.optional(z.int()),
  triage: z.optional(TriageSchema),
  /** Specialists whose findings the decision waits for, fixed at dispatch. */
  expected: z.array(z.enum(SPECIALISTS)),
  deadline: z.optional(z.int()),
  decision: z.optional(DecisionSchema),
  timeline: z.array(TimelineEvent),
});
export type Ticket = z.infer<typeof TicketSchema>;

export const MessageSchema = z.strictObject({
  id: z.string(),
  from: z.enum(['customer', 'desk', 'human']),
  text: z.string(),
  at: z.int(),
  /** The decision that sent it; at most one message carries each. */
  decision: z.optional(z.int()),
});
export type Message = z.infer<typeof MessageSchema>;

/** Asks the orchestrator to triage a ticket. */
export const TicketReceived = z.strictObject({ ticketId: TicketId });

export const ticketPartition = (id: string): string => `ticket/${id}`;
export const isTerminal = (state: TicketState): boolean => state === 'closed' || state === 'handed_over';
export const urgent = (priority: Priority): boolean => priority === 'P1';
