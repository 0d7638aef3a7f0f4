import type { Article } from '../domain/article.ts';

/** An article that fits a question, with the passage that fits best. */
export interface Hit {
  readonly article: Article;
  readonly passage: string;
  /** Share of the question's weight that the article covers, 0 to 1: how sure one may be that it answers. */
  readonly coverage: number;
  /** How many different words of the question the article has. One word alone covers a short question and proves nothing. */
  readonly matched: number;
  /** Whether one of them is in its title or tags: a word of the body alone does not say what an article is about. */
  readonly onTopic: boolean;
  /** BM25. */
  readonly score: number;
  /** The score in units that do not grow with the number of articles: 1 is the weight of a word that one article has. */
  readonly strength: number;
}

// Okapi BM25 with the usual constants: Robertson & Zaragoza, "The Probabilistic Relevance Framework" (2009).
const K1 = 1.2;
const B = 0.75;
/** Words of the title count as many times. */
const TITLE = 3;

interface Document {
  readonly article: Article;
  readonly counts: ReadonlyMap<string, number>;
  /** Terms of title and tags. */
  readonly topic: ReadonlySet<string>;
  readonly length: number;
}
export interface Index {
  readonly documents: readonly Document[];
  readonly frequency: ReadonlyMap<string, number>;
  readonly averageLength: number;
}

const STOP = new Set(
  'a about after all also am an and any are as at be been but by can could did do does for from get got had has have hello help hi how i if in into is it its just me my no not of on or our out please so still than thank thanks that the their them then there they this to today up us was we were what when where which who why will with would you your'.split(
    ' ',
  ),
);

/** Words without endings that English adds, stop words left out; enough of a stemmer for a few hundred articles. */
export function termsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !STOP.has(word) && word.length > 1).map(stem);
}

const stem = (word: string): string =>
  word.length < 5
    ? word
    : word
        .replace(/(?:ies)$/, 'y')
        .replace(/(?:ing|ed|es|s)$/, '')
        .replace(/(.)\1$/, '$1');

export function buildIndex(articles: readonly Article[]): Index {
  const documents = articles.map((article) => {
    const counts = new Map<string, number>();
    const add = (text: string, weight: number) => {
      for (const term of termsOf(text)) counts.set(term, (counts.get(term) ?? 0) + weight);
    };
    add(article.title, TITLE);
    add(article.tags.join(' '), TITLE);
    add(article.body, 1);
    const topic = new Set(termsOf(`${article.title} ${article.tags.join(' ')}`));
    return { article, counts, topic, length: [...counts.values()].reduce((a, b) => a + b, 0) };
  });
  const frequency = new Map<string, number>();
  for (const { counts } of documents)
    for (const term of counts.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const total = documents.reduce((sum, document) => sum + document.length, 0);
  return { documents, frequency, averageLength: documents.length > 0 ? total / documents.length : 0 };
}

/** The articles that fit a question best, best first. */
export function searchIndex(index: Index, question: string, most = 3): Hit[] {
  const terms = [...new Set(termsOf(question))];
  const weightOf = (n: number): number => Math.log(1 + (index.documents.length - n + 0.5) / (n + 0.5));
  const idf = (term: string): number => weightOf(index.frequency.get(term) ?? 0);
  const weight = terms.reduce((sum, term) => sum + idf(term), 0);
  if (weight === 0) return [];
  return index.documents
    .map((document) => {
      let score = 0;
      let covered = 0;
      let matched = 0;
      for (const term of terms) {
        const count = document.counts.get(term) ?? 0;
        if (count === 0) continue;
        covered += idf(term);
        matched++;
        score += (idf(term) * count * (K1 + 1)) / (count + K1 * (1 - B + (B * document.length) / index.averageLength));
      }
      const onTopic = terms.some((term) => document.topic.has(term));
      return {
        article: document.article,
        coverage: covered / weight,
        matched,
        onTopic,
        score,
        strength: score / weightOf(1),
      };
    })
    .filter((hit) => hit.score > 0)
    .sort((a, b) => b.score - a.score || (a.article.id < b.article.id ? -1 : 1))
    .slice(0, most)
    .map((hit) => ({ ...hit, passage: passageOf(hit.article, terms, idf) }));
}

/** The paragraph that shares most of the question's weight; of equal ones the first. */
function passageOf(article: Article, terms: readonly string[], idf: (term: string) => number): string {
  const paragraphs = article.body.split(/\n{2,}/).filter((paragraph) => paragraph.trim() !== '');
  const weighed = paragraphs.map((paragraph) => {
    const words = new Set(termsOf(paragraph));
    return { paragraph, weight: terms.reduce((sum, term) => (words.has(term) ? sum + idf(term) : sum), 0) };
  });
  const [first, ...others] = weighed;
  if (!first) return article.body;
  return others.reduce((best, other) => (other.weight > best.weight ? other : best), first).paragraph;
}
