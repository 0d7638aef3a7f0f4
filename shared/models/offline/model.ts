/** What a trained model is made of, and how its margins are computed. */
import { createVectorizer, type SparseVector, type Vocabulary } from './vocabulary.ts';

export interface Model {
  /** `exclusive`: one label is right, confidences sum to 1. `independent`: each label stands for itself. */
  mode: 'exclusive' | 'independent';
  labels: string[];
  vocabulary: Vocabulary;
  /** Number of weight columns: one per label, and one more if out-of-scope rows were there to learn from. */
  outputs: number;
  /** Quantised weights, all outputs of feature 0, then of feature 1, …; times `scales[output]` gives the real ones. */
  weights: Int8Array;
  scales: Float32Array;
  biases: Float32Array;
  /** For `exclusive`: one factor for the softmax (slope of every entry). For `independent`: Platt's per label. */
  slopes: Float32Array;
  offsets: Float32Array;
  /** Logistic regression over `scopeFeatures`, intercept last; out of scope when its value exceeds the threshold. */
  scope: { coefficients: number[]; threshold: number };
}

/** Margins of one text: `values[output]`, reused by the next call. */
export interface Margins {
  values: Float32Array;
  vector: SparseVector;
}

/** Returns a function from text to margins; it owns its scratch space. */
export function createScorer(model: Model): (text: string) => Margins {
  const { outputs, weights, scales, biases } = model;
  const vectorize = createVectorizer(model.vocabulary);
  const sums = new Float32Array(outputs);
  return (text) => {
    const vector = vectorize(text);
    sums.fill(0);
    for (let i = 0; i < vector.length; i++) {
      const value = vector.values[i] as number; // i is below vector.length
      let at = (vector.columns[i] as number) * outputs;
      for (let k = 0; k < outputs; k++) sums[k] = (sums[k] as number) + value * (weights[at++] as number); // in bounds
    }
    for (let k = 0; k < outputs; k++) sums[k] = (sums[k] ?? 0) * (scales[k] ?? 0) + (biases[k] ?? 0);
    return { values: sums, vector };
  };
}

/**
 * What tells an out-of-scope text: no label fits well, none stands out, the out-of-scope column (if any) fits, and few
 * of its words were ever seen.
 */
export function scopeFeatures(margins: ArrayLike<number>, labels: number, outputs: number, known: number): number[] {
  let first = Number.NEGATIVE_INFINITY;
  let second = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < labels; k++) {
    const margin = margins[k] ?? 0;
    if (margin > first) {
      second = first;
      first = margin;
    } else if (margin > second) second = margin;
  }
  if (second === Number.NEGATIVE_INFINITY) second = -1;
  return [first, first - second, outputs > labels ? (margins[labels] ?? 0) : -1, known];
}

/** Log-odds of being out of scope. */
export function scopeScore(features: readonly number[], coefficients: readonly number[]): number {
  let sum = coefficients[features.length] ?? 0;
  for (let i = 0; i < features.length; i++) sum += (features[i] ?? 0) * (coefficients[i] ?? 0);
  return sum;
}
