import { type Article, ArticleId, articlePartition } from '../../shared/domain/article.ts';
import type { Ticket } from '../../shared/domain/ticket.ts';
import type { Intent } from '../../shared/domain/vocabulary.ts';
import { notFound } from '../../shared/errors.ts';
import type { ContextOf, Handlers } from '../../shared/function.ts';
import { allArticles, articleWrite } from '../../shared/knowledge/articles.ts';
import { remove } from '../../shared/pipeline/writes.ts';
import { parseInput } from '../../shared/schema.ts';
import { hasOtherIntents, opinionOn, partFor, wordsOf } from '../../shared/specialists/opinion.ts';
import { nothingToSay, type Opinion, reportFinding } from '../../shared/specialists/report.ts';
import type { technical } from './function.ts';
import { examine } from './rules.ts';

type Ctx = ContextOf<typeof technical>;

async function think(ticket: Ticket, ctx: Ctx, intents: readonly Intent[]): Promise<Opinion> {
  const asked = {
    agent: 'technical',
    intent: intents[0] ?? 'technical',
    ticket,
    text: partFor(ticket, intents),
  } as const;
  const examined = examine(wordsOf(ticket), ticket.priority);
  const opinion = await opinionOn(examined, asked, ctx);
  // A general word beside a certain matter is often only its wording: without an article for it nothing is missing.
  const aside = intents.every((intent) => intent === 'general') && hasOtherIntents(ticket, intents);
  return aside && examined.kind === 'article' && opinion.verdict === 'escalate'
    ? nothingToSay(opinion.reason)
    : opinion;
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
