import * as z from 'zod/mini';
import { Finding, FindingsChanged } from '../../shared/domain/finding.ts';
import { MoneySchema } from '../../shared/domain/money.ts';
import {
  MessageSchema,
  TICKET_STATES,
  TicketId,
  TicketReceived,
  TicketRequest,
  TicketSchema,
  TriageSchema,
} from '../../shared/domain/ticket.ts';
import { defineFunction, direct, event, http, queue, schedule } from '../../shared/function.ts';

const Accepted = z.strictObject({ id: TicketId, status: z.literal('received'), follow: z.string() });
const Listed = z.pick(TicketSchema, {
  id: true,
  state: true,
  customerId: true,
  channel: true,
  subject: true,
  priority: true,
  openedAt: true,
  endedAt: true,
});
const Followed = z.strictObject({
  ...z.omit(TicketSchema, { v: true }).shape,
  messages: z.array(MessageSchema),
  findings: z.array(Finding),
  /** What language models took for it so far. */
  modelCost: MoneySchema,
  /** How people were told of a hand-over; `unknown` may or may not have arrived and is not sent again. */
  notifications: z.array(
    z.strictObject({
      outcome: z.enum(['sent', 'failed', 'unknown']),
      channel: z.string(),
      reason: z.optional(z.string()),
      at: z.int(),
    }),
  ),
});
const ListQuery = z.strictObject({
  state: z.optional(z.enum(TICKET_STATES)),
  customer: z.optional(z.string()),
  limit: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(200))),
  cursor: z.optional(z.string()),
});

/** Asks that people are told of a ticket that was handed over. */
export const Escalation = z.strictObject({ ticketId: TicketId, decision: z.int() });

export const orchestrator = defineFunction({
  name: 'orchestrator',
  purpose: 'Takes tickets in, has them triaged and worked on, weighs the findings, replies or hands over',
  uses: ['model', 'notifier'],
  sends: ['tickets', 'tickets-urgent', 'billing', 'technical', 'account', 'sentiment', 'findings', 'escalations'],
  emits: ['ticket.closed', 'ticket.handed_over'],
  on: {
    http: http({
      'POST /api/tickets': {
        role: 'operator',
        summary: 'Open a ticket',
        input: TicketRequest,
        output: Accepted,
        status: 202,
        writes: 'ticket/{id}',
        creates: 'tkt',
        location: '/api/tickets/{id}',
      },
      'POST /api/tickets/{id}/messages': {
        role: 'operator',
        summary: 'Add what the customer says; a closed ticket goes to a human',
        input: z.strictObject({ text: z.string().check(z.trim(), z.minLength(1), z.maxLength(50_000)) }),
        output: z.strictObject({ id: z.string(), state: z.enum(TICKET_STATES) }),
        status: 201,
        writes: 'ticket/{id}',
      },
      'GET /api/tickets': {
        role: 'viewer',
        summary: 'List tickets, newest first',
        query: ListQuery,
        output: z.strictObject({ items: z.array(Listed), cursor: z.optional(z.string()) }),
      },
      'GET /api/tickets/{id}': { role: 'viewer', summary: 'Follow one ticket with its timeline', output: Followed },
    }),
    intake: queue('intake', TicketRequest, { from: 'outside' }),
    requested: event('support.ticket.requested', TicketRequest, { from: 'outside' }),
    received: queue('tickets', TicketReceived),
    receivedUrgent: queue('tickets-urgent', TicketReceived),
    findings: queue('findings', FindingsChanged),
    escalations: queue('escalations', Escalation),
    checkModels: schedule('* * * * *', 'app'),
    triage: direct(
      z.strictObject({ text: z.string().check(z.minLength(1), z.maxLength(50_000)), subject: z.optional(z.string()) }),
      TriageSchema,
    ),
  },
  limits: { memoryMb: 512, timeoutSeconds: 30, concurrency: 20 },
});
