import { type Article, ArticleId, articlePartition } from '../../shared/domain/article.ts';
import type { Ticket } from '../../shared/domain/ticket.ts';
import { notFound } from '../../shared/errors.ts';
import type { ContextOf, Handlers } from '../../shared/function.ts';
import { allArticles, articleWrite, searchArticles } from '../../shared/knowledge/articles.ts';
import { remove } from '../../shared/pipeline/writes.ts';
import { parseInput } from '../../shared/schema.ts';
import { type Opinion, reportFinding } from '../../shared/specialist.ts';
import type { technical } from './function.ts';

type Ctx = ContextOf<typeof technical>;

/** Share of the question that an article must cover before it may answer it. */
const COVERED = 0.35;
/** A production that is down is a human's matter, whatever the articles say. */
const OUTAGE = 'P1';

async function think(ticket: Ticket, ctx: Ctx): Promise<Opinion> {
  const hits = (await searchArticles(ctx, `${ticket.subject ?? ''} ${ticket.description}`)).filter(
    (hit) => hit.coverage >= COVERED,
  );
  const evidence = hits.map(({ article, passage }) => ({ fact: passage, source: `article ${article.id}` }));
  const base = { evidence, proposedActions: [], model: 'rules' };
  if (ticket.priority === OUTAGE)
    return { ...base, verdict: 'escalate', confidence: 0.95, reason: 'Something is down: people look at it at once' };
  const [hit] = hits;
  if (!hit) return { ...base, verdict: 'escalate', confidence: 0.8, reason: 'No article answers this' };
  const { value, model } = await ctx.model.ask('reply', {
    agent: 'technical',
    intent: 'technical',
    text: ticket.description,
    facts: [],
    amounts: [],
    articles: [{ id: hit.article.id, title: hit.article.title, passage: hit.passage }],
  });
  // Coverage is a share of words, not a probability: what just passes is worth the threshold of an answer, not less.
  const confidence = Math.min(value.confidence, 0.74 + 0.25 * ((hit.coverage - COVERED) / (1 - COVERED)));
  return {
    ...base,
    verdict: 'answered',
    confidence,
    proposedReply: value.reply,
    reason: `Answered by article ${hit.article.id}`,
    model,
  };
}

export const handlers: Handlers<typeof technical> = {
  http: {
    'GET /api/articles': async (_, ctx) => ({ items: await allArticles(ctx) }),
    'GET /api/articles/{id}': async ({ params }, ctx) => {
      const item = await ctx.read.get<Article>(articlePartition(params.id), 'article');
      if (!item) throw notFound(`Article ${params.id}`);
      return item.value;
    },
    'PUT /api/articles/{id}': async ({ params, body }, ctx) => {
      const article: Article = { id: parseInput(ArticleId, params.id, 'article id'), ...body };
      return ctx.commit(articlePartition(article.id), { writes: [articleWrite(article, 'any')], answer: article });
    },
    'DELETE /api/articles/{id}': async ({ params }, ctx) =>
      ctx.commit(articlePartition(params.id), { writes: [remove('article')] }),
  },
  assigned: async (assignment, ctx) => reportFinding('technical', assignment, ctx, think),
};
