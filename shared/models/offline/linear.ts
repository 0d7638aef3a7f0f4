/**
 * Linear support vector machine with squared hinge loss, solved in the dual by coordinate descent with shrinking:
 * Hsieh, Chang, Lin, Keerthi, Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008,
 * algorithm 3 (what LIBLINEAR's `-s 1` does). One binary problem; one-vs-rest is in `train.ts`.
 */
import type { SparseMatrix } from './vocabulary.ts';

export interface LinearOptions {
  /** Cost of a violated margin. Larger fits the training rows more closely. */
  cost: number;
  /** The cost of a positive row is this much larger: a class of one hundred against fifteen thousand needs weight. */
  positiveWeight: number;
  /** Stop when no dual gradient is further than this from its optimum. LIBLINEAR's default is 0.1. */
  tolerance: number;
  maxPasses: number;
}

/** xorshift32: reproducible order of visits, so that the same rows always give the same model. */
export function createRandom(seed: number): () => number {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Squared length of each row, the bias column (constant 1) included. */
export function squaredNorms(matrix: SparseMatrix): Float64Array {
  const rows = matrix.starts.length - 1;
  const norms = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 1;
    const stop = matrix.starts[row + 1] ?? 0;
    for (let i = matrix.starts[row] ?? 0; i < stop; i++) sum += (matrix.values[i] ?? 0) ** 2;
    norms[row] = sum;
  }
  return norms;
}

/**
 * Finds the separating plane between `rows` with `positive[row] === 1` and the others.
 * @param weights scratch of `matrix.width + 1`; on return the plane, its last entry the bias.
 */
export function separate(
  matrix: SparseMatrix,
  norms: Float64Array,
  rows: Int32Array,
  positive: Uint8Array,
  options: LinearOptions,
  weights: Float64Array,
): void {
  const { starts, columns, values, width } = matrix;
  const random = createRandom(rows.length * 2_654_435 + width);
  const alpha = new Float64Array(positive.length);
  const active = Int32Array.from(rows);
  let activeCount = active.length;
  let highest = Number.POSITIVE_INFINITY;
  weights.fill(0);

  for (let pass = 0; pass < options.maxPasses; pass++) {
    let passHighest = Number.NEGATIVE_INFINITY;
    let passLowest = Number.POSITIVE_INFINITY;
    for (let i = activeCount - 1; i > 0; i--) {
      const j = random() % (i + 1);
      const swap = active[i] as number; // i and j are below activeCount
      active[i] = active[j] as number;
      active[j] = swap;
    }
    for (let s = 0; s < activeCount; s++) {
      const row = active[s] as number; // below activeCount
      const isPositive = positive[row] === 1;
      const sign = isPositive ? 1 : -1;
      const diagonal = 0.5 / (isPositive ? options.cost * options.positiveWeight : options.cost);
      const from = starts[row] as number; // rows come from the matrix
      const to = starts[row + 1] as number;
      let dot = weights[width] as number; // weights has width + 1 entries
      for (let i = from; i < to; i++) dot += (weights[columns[i] as number] as number) * (values[i] as number);
      const before = alpha[row] as number;
      const gradient = sign * dot - 1 + before * diagonal;

      let projected = gradient;
      if (before === 0) {
        if (gradient > highest) {
          // Far on the right side of its margin: leave it out until the end (shrinking).
          activeCount--;
          active[s] = active[activeCount] as number;
          active[activeCount] = row;
          s--;
          continue;
        }
        projected = Math.min(gradient, 0);
      }
      if (projected > passHighest) passHighest = projected;
      if (projected < passLowest) passLowest = projected;
      if (Math.abs(projected) > 1e-12) {
        const after = Math.max(before - gradient / ((norms[row] as number) + diagonal), 0);
        alpha[row] = after;
        const change = (after - before) * sign;
        weights[width] = (weights[width] as number) + change;
        for (let i = from; i < to; i++) {
          const column = columns[i] as number;
          weights[column] = (weights[column] as number) + change * (values[i] as number);
        }
      }
    }
    if (passHighest - passLowest <= options.tolerance) {
      if (activeCount === rows.length) return;
      activeCount = rows.length; // converged on the shrunk problem: look once more at all rows
      highest = Number.POSITIVE_INFINITY;
      continue;
    }
    highest = passHighest > 0 ? passHighest : Number.POSITIVE_INFINITY;
  }
}
