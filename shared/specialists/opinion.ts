import type { Context } from '../context.ts';
import type { Article } from '../domain/article.ts';
import type { ProposedAction } from '../domain/finding.ts';
import type { Ticket } from '../domain/ticket.ts';
import { CONFIDENT, type Intent, type Specialist } from '../domain/vocabulary.ts';
import { confidenceOf, findAnswer } from '../knowledge/answer.ts';
import { clausesOf } from '../knowledge/questions.ts';
import type { Hit } from '../knowledge/search.ts';
import { classifyIntents } from '../models/offline/intents.ts';
import { type Opinion, onBehalfOf } from './report.ts';

/**
 * What a specialist's rules make of a text: a human has it, the customer's records answer it, or an article may.
 * `facts` are sentences for the customer, each known to be true; `otherwise` says why a human has it if no article does.
 */
export type Examination =
  | {
      readonly kind: 'human';
      readonly reason: string;
      readonly facts?: readonly string[];
      readonly actions?: readonly ProposedAction[];
    }
  | { readonly kind: 'records'; readonly reason: string; readonly facts: readonly string[] }
  | { readonly kind: 'article'; readonly fits?: (article: Article) => boolean; readonly otherwise: string };

/** A human has it: why, and what the human may want to do or say. */
export const human = (
  reason: string,
  { actions = [], facts = [] }: { actions?: readonly ProposedAction[]; facts?: readonly string[] } = {},
): Examination => ({ kind: 'human', reason, actions, facts });

/** Patterns under the name of what they recognise; the first that fits a text names it. */
export const firstFit = <N extends string>(rules: Readonly<Record<N, RegExp>>, text: string): N | undefined =>
  // The keys of the table are its names.
  (Object.keys(rules) as N[]).find((name) => rules[name].test(text));

/** What no specialist answers, whatever else the ticket asks. */
const FOR_PEOPLE = {
  legal:
    /\b(lawyers?|solicitors?|attorneys?|legal (action|steps)|courts?|sue|suing|regulators?|ombudsman|consumer protection)\b/i,
  complaint:
    /\b(complain(t|ing)?|useless|unacceptable|a joke|(second|third|fourth|\d(nd|rd|th)) (time (i|we)|incident))\b/i,
} as const;
const WHY_PEOPLE: { readonly [N in keyof typeof FOR_PEOPLE]: string } = {
  legal: 'Lawyers or authorities are named',
  complaint: 'The customer complains',
};

/** How sure rules are that answer from records, and how sure those that hand over. */
const FROM_RECORDS = 0.88;
const FOR_HUMANS = 0.9;

/** What a ticket says, its subject as the first sentence. */
export const wordsOf = ({ subject, description }: Ticket): string =>
  subject ? `${subject}. ${description}` : description;

/** Whether triage is sure of an intent that is not among these. */
export const hasOtherIntents = (ticket: Ticket, intents: readonly Intent[]): boolean =>
  (ticket.triage?.intents ?? []).some(({ intent, confidence }) => confidence >= CONFIDENT && !intents.includes(intent));

/** How sure the classifier must be of a clause before somebody else need not read it. */
const CLAUSE_CONFIDENT = 0.5;

/** The words of a ticket for one specialist: without the clauses that are clearly about other intents alone. */
export function partFor(ticket: Ticket, intents: readonly Intent[]): string {
  const whole = wordsOf(ticket);
  if (!hasOtherIntents(ticket, intents)) return whole;
  const own = clausesOf(whole).filter((clause) => {
    const sure = classifyIntents(clause).intents.filter(({ confidence }) => confidence >= CLAUSE_CONFIDENT);
    return sure.length === 0 || sure.some(({ intent }) => intents.includes(intent));
  });
  return own.length > 0 ? own.join(' ') : whole;
}

/** Who is asked, and what. */
export interface Asked {
  readonly agent: Specialist;
  readonly intent: Intent;
  readonly ticket: Ticket;
  /** The part of the ticket that this specialist is asked about. */
  readonly text: string;
  readonly customerName?: string;
}

/** Makes an opinion of what the rules say: finds the article, has the reply worded, hands over what nothing answers. */
export async function opinionOn(examined: Examination, asked: Asked, ctx: Context<'model'>): Promise<Opinion> {
  const matter = firstFit(FOR_PEOPLE, wordsOf(asked.ticket));
  if (matter) return handOver(WHY_PEOPLE[matter]);
  if (examined.kind === 'human') {
    const { reason, facts = [], actions = [] } = examined;
    const suggested = facts.length > 0 ? (await wordReply({ facts }, asked, ctx)).said : {};
    return { ...handOver(reason), proposedActions: [...actions], ...suggested };
  }
  if (examined.kind === 'records') {
    const { confidence, said } = await wordReply({ facts: examined.facts }, asked, ctx);
    return answer(examined.reason, Math.min(confidence, FROM_RECORDS), said);
  }
  const hit = await findAnswer(ctx, asked.text, examined.fits);
  if (!hit) return handOver(examined.otherwise);
  const { confidence, said } = await wordReply({ hit }, asked, ctx);
  return answer(`Answered by article ${hit.article.id}`, Math.min(confidence, confidenceOf(hit)), said);
}

type Said = Pick<Opinion, 'evidence' | 'proposedReply' | 'model'>;

/** A human has it, for this reason. */
export const handOver = (reason: string): Opinion => ({
  verdict: 'escalate',
  confidence: FOR_HUMANS,
  evidence: [{ fact: reason, source: 'rules' }],
  proposedActions: [],
  reason,
  model: 'rules',
});

const answer = (reason: string, confidence: number, said: Said): Opinion => ({
  verdict: 'answered',
  confidence,
  proposedActions: [],
  reason,
  ...said,
});

/** Has a reply worded from facts of the records, or from an article, and notes where each was read. */
async function wordReply(
  { facts = [], hit }: { facts?: readonly string[]; hit?: Hit },
  { agent, intent, ticket, customerName }: Asked,
  ctx: Context<'model'>,
): Promise<{ confidence: number; said: Said }> {
  const { value, model } = await ctx.model.ask(
    'reply',
    {
      agent,
      intent,
      text: ticket.description,
      ...(customerName ? { customerName } : {}),
      facts: [...facts],
      amounts: [],
      articles: hit ? [{ id: hit.article.id, title: hit.article.title, passage: hit.passage }] : [],
    },
    onBehalfOf(ticket, ctx),
  );
  const evidence = [
    ...facts.map((fact) => ({ fact, source: 'customers' })),
    ...(hit ? [{ fact: hit.passage, source: `article ${hit.article.id}` }] : []),
  ];
  return { confidence: value.confidence, said: { evidence, proposedReply: value.reply, model } };
}
