import type { Context } from '../context.ts';
import type { Article } from '../domain/article.ts';
import { put } from '../pipeline/writes.ts';
import type { Version, Write } from '../ports/store.ts';
import { buildIndex, type Hit, type Index, searchIndex } from './search.ts';

type Reading = Pick<Context, 'read' | 'workspace' | 'clock'>;

/** How long an instance trusts the articles that it read, milliseconds. */
const FRESH_MS = 30_000;
/** Instances serve few workspaces; more than these are read again. */
const KEPT = 20;
const indexes = new Map<string, { until: number; index: Promise<Index>; of: Reading['clock'] }>();

/** The workspace's articles that fit a question. Reads them at most twice a minute in one instance. */
export async function searchArticles(ctx: Reading, question: string, most = 3): Promise<Hit[]> {
  const now = ctx.clock.now();
  let kept = indexes.get(ctx.workspace);
  // Another clock is another desk in the same process, as tests have them.
  if (!kept || kept.until <= now || kept.of !== ctx.clock) {
    if (indexes.size >= KEPT) indexes.clear();
    const index = allArticles(ctx).then(buildIndex);
    index.catch(() => indexes.delete(ctx.workspace));
    kept = { until: now + FRESH_MS, index, of: ctx.clock };
    indexes.set(ctx.workspace, kept);
  }
  return searchIndex(await kept.index, question, most);
}

export async function allArticles(ctx: Pick<Context, 'read'>): Promise<Article[]> {
  const articles: Article[] = [];
  let cursor: string | undefined;
  do {
    const page = await ctx.read.find<Article>('i1', 'articles', '', { limit: 500, ...(cursor ? { cursor } : {}) });
    articles.push(...page.items.map((item) => item.value));
    cursor = page.cursor;
  } while (cursor);
  return articles;
}

export const articleWrite = (article: Article, condition: 'absent' | 'any' | Version): Write =>
  put('article', article, condition, { indexes: { i1: { hash: 'articles', sort: article.id } } });
