import * as z from 'zod/mini';
import { MoneySchema } from '../domain/money.ts';
import { TriageSchema } from '../domain/ticket.ts';
import { INTENTS, SPECIALISTS } from '../domain/vocabulary.ts';

const Score = z.number().check(z.gte(0), z.lte(1));
const Text = z.strictObject({ text: z.string(), subject: z.optional(z.string()) });

/**
 * What models are asked to do: each task has an input that an offline model can work on, an output schema that every
 * answer is checked against, and (for language models) the instructions that explain it and the most tokens that an
 * answer may take, thinking apart.
 */
export const TASKS = {
  /** Intents, priority, sentiment and escalation risk of a new ticket. */
  triage: {
    input: Text,
    output: z.omit(TriageSchema, { model: true }),
    instructions:
      'Triage this support ticket. Give every intent that it really has, each with a confidence between 0 and 1, its priority with the reason, its sentiment and the risk that the customer escalates.',
    maxOutputTokens: 500,
  },
  /** How the customer feels, with the sentences that show it. */
  sentiment: {
    input: Text,
    output: z.strictObject({
      score: z.number().check(z.gte(-1), z.lte(1)),
      label: z.enum(['negative', 'neutral', 'positive']),
      frustration: Score,
      churnRisk: Score,
      escalationRisk: Score,
      sentences: z.array(z.string()),
    }),
    instructions:
      'Judge the sentiment of this support ticket from -1 to 1, frustration, churn risk and escalation risk from 0 to 1, and quote the sentences that show it.',
    maxOutputTokens: 900,
  },
  /** The reply of one specialist from the facts that it found; nothing else may be stated. */
  reply: {
    input: z.strictObject({
      agent: z.enum(SPECIALISTS),
      intent: z.enum(INTENTS),
      text: z.string(),
      customerName: z.optional(z.string()),
      /** Sentences that are known to be true, in the order in which to say them. */
      facts: z.array(z.string()),
      amounts: z.array(MoneySchema),
      articles: z.array(z.strictObject({ id: z.string(), title: z.string(), passage: z.string() })),
    }),
    output: z.strictObject({ reply: z.string().check(z.minLength(1)), confidence: Score }),
    instructions:
      'Answer the customer politely and briefly from the facts and articles given, and from nothing else. Say how sure you are that this settles the question.',
    maxOutputTokens: 1200,
  },
  /** The gist in a few sentences. */
  summary: {
    input: z.strictObject({ text: z.string(), sentences: z.int().check(z.positive()) }),
    output: z.strictObject({ summary: z.string() }),
    instructions: 'Summarise this text in at most the given number of sentences. Add nothing.',
    maxOutputTokens: 600,
  },
} as const;

export type TaskName = keyof typeof TASKS;
export type TaskInput<T extends TaskName> = z.input<(typeof TASKS)[T]['input']>;
export type TaskOutput<T extends TaskName> = z.output<(typeof TASKS)[T]['output']>;

/** What models are chosen for: the tasks, free conversations of agents, and vectors. */
export const ROUTES = ['triage', 'reply', 'sentiment', 'coordination', 'summary', 'embedding'] as const;
export type RouteName = (typeof ROUTES)[number];
