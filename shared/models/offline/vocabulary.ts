/** From hashes to columns: which features a model knows, how much each one says, and a text as a sparse vector. */
import { createTokenBuffer, type FeatureSpec, tokenize } from './features.ts';

/** The features a model knows. Column `i` is the feature `hashes[i]` (ascending) with the weight `idf[i]`. */
export interface Vocabulary {
  spec: FeatureSpec;
  hashes: Uint32Array;
  idf: Float32Array;
}

/** A sparse vector. The arrays are reused by the next call: read `length` entries before asking again. */
export interface SparseVector {
  columns: Int32Array;
  values: Float32Array;
  length: number;
  /** Share of the text's word features that the vocabulary knows, 0..1; little of it known speaks for out of scope. */
  known: number;
}

/** Steps of the stored idf: 255 of them reach 12.75, enough for a feature seen once in 100,000 texts. */
export const IDF_STEP = 0.05;

/**
 * Smoothed as scikit-learn does it, ln((1 + n) / (1 + df)) + 1, and rounded already in training to what one byte can
 * store, so that a saved model answers exactly like the one in memory.
 */
function roundIdf(idf: number): number {
  return Math.min(255, Math.round(idf / IDF_STEP)) * IDF_STEP;
}

/** Counts in how many of `texts` each feature occurs and keeps those in at least `minTexts`, at most `limit`. */
export function buildVocabulary(
  texts: readonly string[],
  spec: FeatureSpec,
  minTexts: number,
  limit: number,
): Vocabulary {
  const buffer = createTokenBuffer();
  const counts = new Map<number, number>();
  const seenIn = new Map<number, number>();
  texts.forEach((text, row) => {
    tokenize(text, spec, buffer);
    for (let i = 0; i < buffer.length; i++) {
      const hash = buffer.hashes[i] ?? 0;
      if (seenIn.get(hash) === row) continue;
      seenIn.set(hash, row);
      counts.set(hash, (counts.get(hash) ?? 0) + 1);
    }
  });
  let kept = [...counts].filter(([, count]) => count >= minTexts);
  if (kept.length > limit) kept = kept.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, limit);
  kept.sort((a, b) => a[0] - b[0]);
  return {
    spec,
    hashes: Uint32Array.from(kept, ([hash]) => hash),
    idf: Float32Array.from(kept, ([, count]) => roundIdf(Math.log((1 + texts.length) / (1 + count)) + 1)),
  };
}

/** Open addressing over the hashes: one array of 32-bit numbers, built in a millisecond, about two probes a look-up. */
function createIndex(hashes: Uint32Array): (hash: number) => number {
  let size = 16;
  while (size < hashes.length * 2) size *= 2;
  const mask = size - 1;
  const slots = new Int32Array(size).fill(-1);
  for (let column = 0; column < hashes.length; column++) {
    let at = (hashes[column] ?? 0) & mask;
    while ((slots[at] ?? -1) >= 0) at = (at + 1) & mask;
    slots[at] = column;
  }
  return (hash) => {
    let at = hash & mask;
    for (;;) {
      const column = slots[at] ?? -1;
      if (column < 0 || hashes[column] === hash) return column;
      at = (at + 1) & mask;
    }
  };
}

/**
 * Returns a function from text to vector: (1 + ln tf) · idf, each view brought to length 1 and then weighted.
 * The function owns its scratch space, so one call's answer is overwritten by the next.
 */
export function createVectorizer(vocabulary: Vocabulary): (text: string) => SparseVector {
  const { spec, idf, hashes } = vocabulary;
  const find = createIndex(hashes);
  const buffer = createTokenBuffer();
  const counts = new Uint16Array(hashes.length);
  const out: SparseVector = { columns: new Int32Array(256), values: new Float32Array(256), length: 0, known: 0 };

  function view(from: number, to: number, weight: number): number {
    const first = out.length;
    let hits = 0;
    for (let i = from; i < to; i++) {
      const column = find(buffer.hashes[i] ?? 0);
      if (column < 0) continue;
      hits++;
      if (counts[column] === 0) out.columns[out.length++] = column;
      counts[column] = Math.min((counts[column] ?? 0) + 1, 65_535);
    }
    let squares = 0;
    for (let i = first; i < out.length; i++) {
      const column = out.columns[i] ?? 0;
      const value = (1 + Math.log(counts[column] ?? 1)) * (idf[column] ?? 0);
      counts[column] = 0;
      out.values[i] = value;
      squares += value * value;
    }
    const scale = squares > 0 ? weight / Math.sqrt(squares) : 0;
    for (let i = first; i < out.length; i++) out.values[i] = (out.values[i] ?? 0) * scale;
    return hits;
  }

  return (text) => {
    tokenize(text, spec, buffer);
    if (out.columns.length < buffer.length) {
      out.columns = new Int32Array(buffer.length * 2);
      out.values = new Float32Array(buffer.length * 2);
    }
    out.length = 0;
    const hits = view(0, buffer.words, spec.wordWeight);
    view(buffer.words, buffer.concepts, spec.conceptWeight);
    view(buffer.concepts, buffer.length, 1);
    out.known = buffer.words > 0 ? hits / buffer.words : 0;
    return out;
  };
}

/** Many texts as one matrix of sparse rows: row `r` is `columns`/`values` from `starts[r]` up to `starts[r + 1]`. */
export interface SparseMatrix {
  starts: Int32Array;
  columns: Int32Array;
  values: Float32Array;
  known: Float32Array;
  width: number;
}

/** Vectorises all texts. 15,000 short ones take about 25 MB. */
export function buildMatrix(texts: readonly string[], vocabulary: Vocabulary): SparseMatrix {
  const vectorize = createVectorizer(vocabulary);
  const starts = new Int32Array(texts.length + 1);
  const known = new Float32Array(texts.length);
  let columns = new Int32Array(texts.length * 160 + 1_024);
  let values = new Float32Array(columns.length);
  let used = 0;
  texts.forEach((text, row) => {
    const vector = vectorize(text);
    if (used + vector.length > columns.length) {
      const size = Math.max(columns.length * 1.5, used + vector.length) | 0;
      const moreColumns = new Int32Array(size);
      const moreValues = new Float32Array(size);
      moreColumns.set(columns);
      moreValues.set(values);
      columns = moreColumns;
      values = moreValues;
    }
    columns.set(vector.columns.subarray(0, vector.length), used);
    values.set(vector.values.subarray(0, vector.length), used);
    used += vector.length;
    starts[row + 1] = used;
    known[row] = vector.known;
  });
  return { starts, columns, values, known, width: vocabulary.hashes.length };
}
