import { readFileSync } from 'node:fs';
import type { TicketRequest } from '../../../shared/domain/ticket.ts';
import type { Intent } from '../../../shared/domain/vocabulary.ts';
import { type Outcome, openDesk } from './desk.ts';

/** What a right answer has to rest on. */
export interface Answer {
  /** Ids of the articles it must cite, each; `a|b` where either will do. */
  readonly articles?: readonly string[];
  /** What it must say of the customer's own records. */
  readonly says?: readonly string[];
}

export interface Case {
  readonly request: TicketRequest;
  readonly outcome: 'closed' | 'handed_over';
  readonly intents: readonly Intent[];
  readonly answer: Answer;
}

export const JUDGEMENTS = [
  'answered',
  'answered wrongly',
  'fell through',
  'handed over',
  'answered for a human',
] as const;
export type Judgement = (typeof JUDGEMENTS)[number];
export interface Judged extends Case, Outcome {
  readonly judgement: Judgement;
}

type Told = TicketRequest & { readonly expect: { outcome: Case['outcome']; intents: Intent[] } & Answer };
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** The hundred tickets of `events/mix.json`, each with what a right answer rests on. */
export function mixOfTickets(): Case[] {
  // Both files are checked by the tests of the sample data and of the mix.
  const answers = read('../fixtures/mix-answers.json') as Record<string, Answer>;
  return (read('../../../events/mix.json') as Told[]).map(({ expect, ...request }) => ({
    request,
    outcome: expect.outcome,
    intents: expect.intents,
    answer: answers[request.description] ?? {},
  }));
}

/** Forty tickets written before the rules were, by which nothing was tuned. */
export const heldOut = (): Case[] =>
  (read('../fixtures/held-out.json') as Omit<Told, 'channel'>[]).map(({ expect, ...request }) => {
    const { outcome, intents, ...answer } = expect;
    return { request: { ...request, channel: 'api' }, outcome, intents, answer };
  });

/** Puts every ticket through the desk and says how it went. */
export async function judge(cases: readonly Case[]): Promise<Judged[]> {
  const ask = openDesk();
  const judged: Judged[] = [];
  for (const one of cases) {
    const outcome = await ask(one.request);
    judged.push({ ...one, ...outcome, judgement: judgementOf(one, outcome) });
  }
  return judged;
}

function judgementOf({ outcome, answer }: Case, { ticket }: Outcome): Judgement {
  const closed = ticket.state === 'closed';
  if (outcome === 'handed_over') return closed ? 'answered for a human' : 'handed over';
  if (!closed) return 'fell through';
  return isRight(ticket.decision?.suggestedReply ?? '', answer) ? 'answered' : 'answered wrongly';
}

function isRight(reply: string, { articles = [], says = [] }: Answer): boolean {
  const cited = [...reply.matchAll(/^From our help article ".*" \((.*)\):$/gm)].map((match) => match[1]);
  return (
    says.every((words) => reply.includes(words)) &&
    articles.every((either) => either.split('|').some((id) => cited.includes(id)))
  );
}

export const countOf = (judged: readonly Judged[]): { readonly [J in Judgement]: number } => {
  const count = (judgement: Judgement) => judged.filter((one) => one.judgement === judgement).length;
  return {
    answered: count('answered'),
    'answered wrongly': count('answered wrongly'),
    'fell through': count('fell through'),
    'handed over': count('handed over'),
    'answered for a human': count('answered for a human'),
  };
};
