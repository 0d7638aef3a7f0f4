/**
 * What a text looks like to the classifier: words, pairs of words and pieces of words, each named by a 32-bit hash so
 * that no vocabulary of strings has to be shipped or looked up.
 */

import { conceptsOf } from './concepts.ts';

/** What to take from a text. A model carries its own spec: a text must be cut the same way it was in training. */
export interface FeatureSpec {
  /** 1 = single words, 2 = also pairs of neighbours (with a marker for the beginning and the end of the text). */
  wordNgrams: 1 | 2;
  /** Shortest and longest run of characters inside one padded word (scikit-learn calls this `char_wb`). */
  charNgrams: readonly [min: number, max: number];
  /** How many bits of each hash are kept, 16..32. Fewer make a smaller file and now and then mistake one for another. */
  hashBits: number;
  /** Weight of the word view against the character view (which has 1). Each view is normalised on its own. */
  wordWeight: number;
  /** Weight of the view of concepts (`concepts.ts`); 0 leaves them out, as is right outside a support desk. */
  conceptWeight: number;
}

/** A growable list of hashes; in order: word view, concept view, character view. `words` and `concepts` say where two end. */
export interface TokenBuffer {
  hashes: Uint32Array;
  length: number;
  words: number;
  concepts: number;
}

/** Longer texts are cut here: intent stands early, and 1 MB of pasted log must not cost 100 ms. In UTF-16 units. */
export const MAX_TEXT_LENGTH = 8_192;

const WORD_SEED = 0x811c9dc5; // FNV-1a offset basis
const STEM_SEED = 0xc2b2ae35;
const CHAR_SEED = 0x9e3779b9;
const CONCEPT_SEED = 0x85ebca6b;
const EDGE = 0x7f4a7c15; // stands for the word before the first and after the last
const PAD = 0x20;

/** One step of FNV-1a over a 16-bit unit (http://www.isthe.com/chongo/tech/comp/fnv/). */
function step(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** The finaliser of MurmurHash3: FNV alone leaves the low bits of short strings correlated. */
function mix(hash: number, shift: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> shift;
}

export function createTokenBuffer(): TokenBuffer {
  return { hashes: new Uint32Array(1_024), length: 0, words: 0, concepts: 0 };
}

function push(buffer: TokenBuffer, hash: number): void {
  if (buffer.length === buffer.hashes.length) {
    const larger = new Uint32Array(buffer.hashes.length * 2);
    larger.set(buffer.hashes);
    buffer.hashes = larger;
  }
  buffer.hashes[buffer.length++] = hash;
}

/** Lower case, one form for apostrophes, and long numbers alike: an invoice number says "number", not which one. */
export function normalise(text: string): string {
  const cut = text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
  return cut
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/\d{4,}/g, '0000');
}

/** Each concept that is touched, and each pair that follow one another with any words between them. */
function pushConcepts(words: readonly string[], buffer: TokenBuffer, shift: number): void {
  let previous = 0;
  for (const word of words) {
    conceptsOf(word, (concept) => {
      push(buffer, mix(step(CONCEPT_SEED, concept), shift));
      if (previous !== concept + 1) push(buffer, mix(step(step(CONCEPT_SEED, previous + 64), concept), shift));
      previous = concept + 1;
    });
  }
}

const WORDS = /[\p{L}\p{M}\p{N}_']+|[!?€$£%]/gu;

/** Words and telling punctuation; contractions come apart, so that "don't" and "do not" look alike. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const word of normalise(text).match(WORDS) ?? []) {
    if (word.endsWith("n't")) words.push(word.slice(0, -3), 'not');
    else if (word.includes("'")) words.push(...word.split("'").filter((part) => part !== ''));
    else words.push(word);
  }
  return words;
}

function hashWord(word: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < word.length; i++) hash = step(hash, word.charCodeAt(i));
  return hash;
}

/** Each word, and with `pairs` each two neighbours, as hashes that differ by `seed` from those of another kind. */
function pushWords(words: readonly string[], seed: number, pairs: boolean, buffer: TokenBuffer, shift: number): void {
  let previous = EDGE;
  for (const word of words) {
    const hash = hashWord(word, seed);
    push(buffer, mix(hash, shift));
    if (pairs) push(buffer, mix(step(Math.imul(previous, 31), hash), shift));
    previous = hash;
  }
  if (pairs && words.length > 0) push(buffer, mix(step(Math.imul(previous, 31), EDGE), shift));
}

/** A crude English stemmer, good enough to bring "charged", "charges" and "charging" together. */
function stem(word: string): string {
  return word.length > 4 ? word.replace(/(?:ing|edly|ed|es|s|ly)$/, '') : word;
}

/** Fills `buffer` with the hashes of `text` (what it held before is gone). Linear in the length of the text. */
export function tokenize(text: string, spec: FeatureSpec, buffer: TokenBuffer): void {
  buffer.length = 0;
  const shift = 32 - spec.hashBits;
  const words = splitWords(text);
  pushWords(words, WORD_SEED, spec.wordNgrams === 2, buffer, shift);
  pushWords(words.map(stem), STEM_SEED, spec.wordNgrams === 2, buffer, shift);
  buffer.words = buffer.length;
  if (spec.conceptWeight > 0) pushConcepts(words, buffer, shift);
  buffer.concepts = buffer.length;

  const [min, max] = spec.charNgrams;
  for (const word of words) {
    const end = word.length + 1; // positions -1 and word.length are the padding
    for (let start = -1; start < end; start++) {
      let hash = CHAR_SEED;
      const stop = Math.min(start + max, end);
      for (let i = start; i < stop; i++) {
        hash = step(hash, i < 0 || i === word.length ? PAD : word.charCodeAt(i));
        if (i - start + 1 >= min) push(buffer, mix(hash, shift));
      }
    }
  }
}
