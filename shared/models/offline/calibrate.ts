/** From margins to probabilities, fitted on margins that the model gave to rows it had not been trained on. */

/** probability = 1 / (1 + exp(-(slope · margin + offset))) */
export interface Sigmoid {
  slope: number;
  offset: number;
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * Logistic regression with a small ridge penalty by Newton's method; `features[i]` are row i's inputs.
 * @returns coefficients, the intercept last.
 */
export function fitLogistic(
  features: readonly (readonly number[])[],
  targets: readonly number[],
  rowWeights: readonly number[],
  ridge = 1e-3,
): number[] {
  const size = (features[0]?.length ?? 0) + 1;
  const beta = new Array<number>(size).fill(0);
  for (let pass = 0; pass < 50; pass++) {
    const gradient = new Array<number>(size).fill(0);
    const hessian = Array.from({ length: size }, () => new Array<number>(size).fill(0));
    features.forEach((row, i) => {
      const x = [...row, 1];
      const p = sigmoid(x.reduce((sum, value, j) => sum + value * (beta[j] ?? 0), 0));
      const weight = rowWeights[i] ?? 1;
      const error = weight * (p - (targets[i] ?? 0));
      const curve = weight * Math.max(p * (1 - p), 1e-9);
      for (let j = 0; j < size; j++) {
        gradient[j] = (gradient[j] ?? 0) + error * (x[j] ?? 0);
        const line = hessian[j];
        if (line) for (let k = 0; k < size; k++) line[k] = (line[k] ?? 0) + curve * (x[j] ?? 0) * (x[k] ?? 0);
      }
    });
    for (let j = 0; j < size - 1; j++) {
      gradient[j] = (gradient[j] ?? 0) + ridge * (beta[j] ?? 0);
    }
    hessian.forEach((line, j) => {
      line[j] = (line[j] ?? 0) + ridge;
    });
    const delta = solve(hessian, gradient);
    let largest = 0;
    delta.forEach((d, j) => {
      const bounded = Math.max(-5, Math.min(5, d)); // damped: separable data would send it to infinity
      beta[j] = (beta[j] ?? 0) - bounded;
      largest = Math.max(largest, Math.abs(bounded));
    });
    if (largest < 1e-7) break;
  }
  return beta;
}

/** Gaussian elimination with partial pivoting, for the handful of unknowns above. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((line, i) => [...line, right[i] ?? 0]);
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let r = column + 1; r < n; r++)
      if (Math.abs(rows[r]?.[column] ?? 0) > Math.abs(rows[pivot]?.[column] ?? 0)) pivot = r;
    const top = rows[pivot] ?? [];
    rows[pivot] = rows[column] ?? [];
    rows[column] = top;
    const lead = top[column] || 1e-12;
    for (let r = 0; r < n; r++) {
      const line = rows[r];
      if (r === column || !line) continue;
      const factor = (line[column] ?? 0) / lead;
      for (let k = column; k <= n; k++) line[k] = (line[k] ?? 0) - factor * (top[k] ?? 0);
    }
  }
  return rows.map((line, i) => (line[n] ?? 0) / (line[i] || 1e-12));
}

/**
 * Platt scaling of one class's margins, with the smoothed targets of Platt 1999 against overconfidence:
 * (N₊ + 1) / (N₊ + 2) for positives and 1 / (N₋ + 2) for negatives.
 */
export function fitSigmoid(margins: readonly number[], positive: readonly boolean[]): Sigmoid {
  const positives = positive.filter(Boolean).length;
  const high = (positives + 1) / (positives + 2);
  const low = 1 / (positive.length - positives + 2);
  const [slope = 1, offset = 0] = fitLogistic(
    margins.map((margin) => [margin]),
    positive.map((is) => (is ? high : low)),
    margins.map(() => 1),
  );
  return { slope: Math.max(slope, 1e-3), offset }; // never let a higher margin mean less confidence
}

/**
 * Temperature for a softmax over margins (Guo et al., "On Calibration of Modern Neural Networks", 2017): the factor
 * with the least negative log-likelihood, by golden-section search in its logarithm.
 * @param margins one row of `classes` margins after another.
 */
export function fitTemperature(margins: Float32Array, classes: number, truth: readonly number[]): number {
  const loss = (factor: number) => {
    let sum = 0;
    truth.forEach((label, row) => {
      const from = row * classes;
      let total = 0;
      const own = margins[from + label] ?? 0;
      for (let k = 0; k < classes; k++) total += Math.exp(factor * ((margins[from + k] ?? 0) - own));
      sum += Math.log(total);
    });
    return sum;
  };
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.1);
  let high = Math.log(100);
  for (let i = 0; i < 24; i++) {
    const width = golden * (high - low);
    if (loss(Math.exp(high - width)) < loss(Math.exp(low + width))) high = low + width;
    else low = high - width;
  }
  return Math.exp((low + high) / 2);
}

/** The value below which `share` (0..1) of the numbers lie; 0 for none. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.floor(share * sorted.length)))] ?? 0;
}
