import { sentencesOf } from './sentences.ts';

const MOST = 200;

/**
 * The sentences that stand for a text, in their order: those that share most words with the others (degree centrality
 * over Jaccard similarity, after Erkan & Radev's LexRank), the beginning a little before the rest.
 */
export function summarize(text: string, count: number): string {
  const sentences = sentencesOf(text).slice(0, MOST);
  if (sentences.length <= count) return sentences.join(' ');
  const bags = sentences.map((sentence) => new Set(sentence.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []));
  const ranked = sentences.map((sentence, i) => {
    const bag = bags[i] ?? new Set();
    const centrality =
      bags.reduce((sum, other, j) => (i === j ? sum : sum + similarity(bag, other)), 0) / (sentences.length - 1);
    const position = 0.3 / (1 + i);
    return { sentence, i, weight: centrality + position };
  });
  return ranked
    .sort((a, b) => b.weight - a.weight)
    .slice(0, count)
    .sort((a, b) => a.i - b.i)
    .map(({ sentence }) => sentence)
    .join(' ');
}

function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = a.intersection(b).size;
  return shared === 0 ? 0 : shared / (a.size + b.size - shared);
}
