import type { Context } from '../context.ts';
import type { Article } from '../domain/article.ts';
import { searchArticles } from './articles.ts';
import { clausesOf, isQuestion } from './questions.ts';
import type { Hit } from './search.ts';

/** Share of the question that an article must cover before it may answer it. */
const COVERED = 0.35;
/** How many different words of the question the article must have. */
const MATCHED = 2;
/** How strong the hit must be. Together these keep chance words from answering; chosen on the sample articles. */
const STRENGTH = 2.5;
/** A second article with more than this share of the first one's score leaves open which of them is meant. */
const UNCLEAR = 0.85;

/**
 * The article that may answer a question, if one does. A long ticket hides its question among other words: when the
 * whole finds nothing, the clause that asks something and finds most counts. A clause that clearly leads to another
 * article makes it two questions, of which one article answers half: none is given.
 */
export async function findAnswer(
  ctx: Pick<Context, 'read' | 'workspace' | 'clock'>,
  text: string,
  fits: (article: Article) => boolean = () => true,
): Promise<Hit | undefined> {
  const search = async (question: string): Promise<Hit | undefined> => {
    const [hit, second] = await searchArticles(ctx, question, 2);
    if (!hit?.onTopic || hit.coverage < COVERED || hit.matched < MATCHED || hit.strength < STRENGTH) return undefined;
    return second && second.score > UNCLEAR * hit.score ? undefined : hit;
  };
  const whole = await search(text);
  const clauses = await Promise.all(clausesOf(text).filter(isQuestion).map(search));
  const parts = clauses.filter((hit) => hit !== undefined).sort((a, b) => b.score - a.score);
  const found = whole ?? parts[0];
  const elsewhere = parts.some((part) => part.article.id !== found?.article.id && part.matched > MATCHED);
  return found && fits(found.article) && !elsewhere ? found : undefined;
}

/** Coverage is a share of words, not a probability: what just passes is worth an answer's threshold, not less. */
export const confidenceOf = ({ coverage }: Hit): number => 0.74 + 0.25 * ((coverage - COVERED) / (1 - COVERED));
