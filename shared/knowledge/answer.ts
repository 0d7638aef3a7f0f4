import type { Context } from '../context.ts';
import type { Article } from '../domain/article.ts';
import { searchArticles } from './articles.ts';
import { clausesOf, isQuestion } from './questions.ts';
import type { Hit } from './search.ts';

/** Share of the question that an article must cover before it may answer it. */
const COVERED = 0.35;
/** How many different words of the question the article must have. */
const MATCHED = 2;
/** A second article with more than this share of the first one's score leaves open which of them is meant. */
const UNCLEAR = 0.85;

/**
 * The article that may answer a question, if any does. A long ticket hides its question among other words: when the
 * whole finds nothing, each clause that asks something is searched for by itself, and the best one counts.
 */
export async function findAnswer(
  ctx: Pick<Context, 'read' | 'workspace' | 'clock'>,
  text: string,
  fits: (article: Article) => boolean = () => true,
): Promise<Hit | undefined> {
  const search = async (question: string): Promise<Hit | undefined> => {
    const [hit, second] = await searchArticles(ctx, question, 2);
    if (!hit || !fits(hit.article) || hit.coverage < COVERED || hit.matched < MATCHED) return undefined;
    return second && second.score > UNCLEAR * hit.score ? undefined : hit;
  };
  const whole = await search(text);
  if (whole) return whole;
  const hits = await Promise.all(clausesOf(text).filter(isQuestion).map(search));
  return hits.filter((hit) => hit !== undefined).sort((a, b) => b.score - a.score)[0];
}

/** Coverage is a share of words, not a probability: what just passes is worth an answer's threshold, not less. */
export const confidenceOf = ({ coverage }: Hit): number => 0.74 + 0.25 * ((coverage - COVERED) / (1 - COVERED));
