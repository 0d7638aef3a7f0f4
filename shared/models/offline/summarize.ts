/** Extractive summary: the sentences nearest to what the whole text is about, the early ones first. */
import { splitSentences } from './sentences.ts';

const MAX_LENGTH = 64_000;
/** How fast being later costs weight: the fifth sentence counts about two thirds of the first. */
const POSITION_DECAY = 0.12;
/** How much a sentence loses for repeating one that is already chosen (maximal marginal relevance). */
const REDUNDANCY = 0.6;

const STOP_WORDS = new Set(
  'the a an and or but if then of to in on at for from with by is are was were be been being am do does did has have had i we you he she it they my our your his her its their me us them this that these those there here as so not no can could would should will just very than too also please hello hi dear team regards thanks thank'.split(
    ' ',
  ),
);
const COURTESY =
  /^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|thanks?(?: you)?|(?:best|kind|warm)? ?regards|cheers|sincerely|yours)\b[^.!?]{0,40}[,.!]?$/i;

function terms(sentence: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of sentence.toLowerCase().match(/[\p{L}\p{N}'-]{2,}/gu) ?? []) {
    if (!STOP_WORDS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function cosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [word, count] of a) {
    dot += count * (b.get(word) ?? 0);
    aa += count * count;
  }
  for (const count of b.values()) bb += count * count;
  return aa > 0 && bb > 0 ? dot / Math.sqrt(aa * bb) : 0;
}

/**
 * The `count` most telling sentences of a text, in their order, joined by a space. Greetings and closings are left
 * out unless there is nothing else. Only the first 64,000 characters and 400 sentences are read.
 */
export function summarize(text: string, count = 2): string {
  const all = splitSentences(text.slice(0, MAX_LENGTH)).map((sentence, position) => ({
    text: sentence.text,
    position,
  }));
  const telling = all.filter((sentence) => !COURTESY.test(sentence.text.slice(0, 80)));
  const candidates = (telling.length > 0 ? telling : all).map((sentence) => ({
    ...sentence,
    terms: terms(sentence.text),
  }));

  const spread = new Map<string, number>(); // in how many sentences a word occurs: the centre of the text
  for (const { terms: own } of candidates) for (const word of own.keys()) spread.set(word, (spread.get(word) ?? 0) + 1);

  const scored = candidates.map((candidate, i) => {
    const length = Math.min(1, candidate.terms.size / 4); // "It fails." says little
    return { ...candidate, score: (0.3 + cosine(candidate.terms, spread)) * length + 0.4 / (1 + POSITION_DECAY * i) };
  });
  const chosen: typeof scored = [];
  while (chosen.length < count && chosen.length < scored.length) {
    let best: (typeof scored)[number] | undefined;
    let highest = Number.NEGATIVE_INFINITY;
    for (const candidate of scored) {
      if (chosen.includes(candidate)) continue;
      const repeated = Math.max(0, ...chosen.map((other) => cosine(candidate.terms, other.terms)));
      const value = candidate.score - REDUNDANCY * repeated;
      if (value > highest) {
        highest = value;
        best = candidate;
      }
    }
    if (!best) break;
    chosen.push(best);
  }
  return chosen
    .sort((a, b) => a.position - b.position)
    .map((sentence) => sentence.text)
    .join(' ');
}
