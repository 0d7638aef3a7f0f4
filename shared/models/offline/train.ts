/** Trains a model: one-vs-rest planes over TF-IDF features, calibrated on margins of rows that were held out. */
import { fitLogistic, fitSigmoid, fitTemperature, quantile } from './calibrate.ts';
import type { LabelledRow } from './csv.ts';
import type { FeatureSpec } from './features.ts';
import { createRandom, type LinearOptions, separate, squaredNorms } from './linear.ts';
import { type Model, scopeFeatures, scopeScore } from './model.ts';
import { buildMatrix, buildVocabulary, type SparseMatrix, type Vocabulary } from './vocabulary.ts';

export interface TrainOptions {
  mode: Model['mode'];
  features: FeatureSpec;
  /** A feature must occur in this many training texts. */
  minTexts: number;
  maxFeatures: number;
  linear: LinearOptions;
  /** Calibration holds out each row once, in this many folds. */
  folds: number;
  /** Share of out-of-scope rows that the threshold should flag, as seen on held-out rows. */
  outOfScopeRecall: number;
  /** Weights are rounded to -levels..levels (at most 127). Fewer compress better. */
  levels: number;
}

export const DEFAULT_OPTIONS: TrainOptions = {
  mode: 'exclusive',
  features: { wordNgrams: 2, charNgrams: [2, 5], hashBits: 32, wordWeight: 1, conceptWeight: 0 },
  minTexts: 2,
  maxFeatures: 60_000,
  linear: { cost: 1, positiveWeight: 1, tolerance: 0.1, maxPasses: 50 },
  folds: 5,
  outOfScopeRecall: 0.86,
  levels: 127,
};

/** Row numbers dealt into `folds` hands so that each label is spread evenly; the same rows always fall the same way. */
export function stratify(rows: readonly LabelledRow[], folds: number, seed = 17): Int32Array {
  const random = createRandom(seed);
  const next = new Map<string, number>();
  const order = Int32Array.from(rows, (_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = random() % (i + 1);
    const swap = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = swap;
  }
  const fold = new Int32Array(rows.length);
  for (const row of order) {
    const label = rows[row]?.labels.join('|') ?? '';
    const turn = next.get(label) ?? random() % folds;
    fold[row] = turn;
    next.set(label, (turn + 1) % folds);
  }
  return fold;
}

interface Planes {
  /** Output after output, each `width` weights. */
  weights: Float32Array;
  biases: Float32Array;
}

function fitPlanes(
  matrix: SparseMatrix,
  active: Int32Array,
  targets: readonly Uint8Array[],
  options: LinearOptions,
): Planes {
  const norms = squaredNorms(matrix);
  const weights = new Float32Array(targets.length * matrix.width);
  const biases = new Float32Array(targets.length);
  const plane = new Float64Array(matrix.width + 1);
  targets.forEach((positive, output) => {
    separate(matrix, norms, active, positive, options, plane);
    weights.set(plane.subarray(0, matrix.width), output * matrix.width);
    biases[output] = plane[matrix.width] ?? 0;
  });
  return { weights, biases };
}

function marginOf(planes: Planes, matrix: SparseMatrix, row: number, output: number): number {
  const from = output * matrix.width;
  let sum = planes.biases[output] ?? 0;
  const stop = matrix.starts[row + 1] ?? 0;
  for (let i = matrix.starts[row] ?? 0; i < stop; i++) {
    sum += (planes.weights[from + (matrix.columns[i] ?? 0)] ?? 0) * (matrix.values[i] ?? 0);
  }
  return sum;
}

/** Margins of rows by models that had not seen them. */
export interface HeldOut {
  margins: Float32Array;
  known: Float32Array;
  /** 1 where the row's own labels were kept from the model too, to stand for questions out of scope. */
  stranger: Uint8Array;
}

/**
 * Scores every row with a model of the other folds. Where no out-of-scope rows exist, every fold also hides its share
 * of the labels: their rows are then strangers, as a customer's off-topic question would be.
 */
export function crossScore(rows: readonly LabelledRow[], labels: readonly string[], options: TrainOptions): HeldOut {
  const targets = targetsOf(rows, labels);
  const outputs = targets.length;
  const hide = outputs === labels.length && labels.length >= 2 * options.folds;
  const fold = stratify(rows, options.folds);
  const result: HeldOut = {
    margins: new Float32Array(rows.length * outputs),
    known: new Float32Array(rows.length),
    stranger: new Uint8Array(rows.length),
  };
  const texts = rows.map((row) => row.text);
  for (let f = 0; f < options.folds; f++) {
    const hidden = new Set(hide ? labels.filter((_, k) => k % options.folds === f) : []);
    const isStranger = (row: number) => rows[row]?.labels.some((label) => hidden.has(label)) === true;
    const active = Int32Array.from(rows.keys()).filter((row) => fold[row] !== f && !isStranger(row));
    const vocabulary = buildVocabulary(
      Array.from(active, (row) => texts[row] ?? ''),
      options.features,
      options.minTexts,
      options.maxFeatures,
    );
    const matrix = buildMatrix(texts, vocabulary);
    const planes = fitPlanes(matrix, active, targets, options.linear);
    for (let row = 0; row < rows.length; row++) {
      if (fold[row] !== f) continue;
      result.known[row] = matrix.known[row] ?? 0;
      result.stranger[row] = isStranger(row) ? 1 : 0;
      for (let k = 0; k < outputs; k++)
        result.margins[row * outputs + k] = hidden.has(labels[k] ?? '') ? -2 : marginOf(planes, matrix, row, k);
    }
  }
  return result;
}

/** One 0/1 vector per label, and one for out of scope if any row is. */
function targetsOf(rows: readonly LabelledRow[], labels: readonly string[]): Uint8Array[] {
  const targets = labels.map((label) => Uint8Array.from(rows, (row) => (row.labels.includes(label) ? 1 : 0)));
  const outside = Uint8Array.from(rows, (row) => (row.labels.length === 0 ? 1 : 0));
  return outside.includes(1) ? [...targets, outside] : targets;
}

/** Weights as small integers, feature by feature, so that scoring reads memory in order. */
function quantise(planes: Planes, outputs: number, width: number, levels: number) {
  const scales = new Float32Array(outputs);
  const weights = new Int8Array(outputs * width);
  for (let k = 0; k < outputs; k++) {
    const plane = planes.weights.subarray(k * width, (k + 1) * width);
    let largest = 0;
    for (const weight of plane) largest = Math.max(largest, Math.abs(weight));
    const scale = largest > 0 ? largest / levels : 1;
    scales[k] = scale;
    for (let i = 0; i < width; i++) weights[i * outputs + k] = Math.round((plane[i] ?? 0) / scale);
  }
  return { scales, weights };
}

function calibrateConfidence(
  rows: readonly LabelledRow[],
  labels: readonly string[],
  heldOut: HeldOut,
  options: TrainOptions,
) {
  const outputs = heldOut.margins.length / Math.max(rows.length, 1);
  const slopes = new Float32Array(labels.length).fill(1);
  const offsets = new Float32Array(labels.length);
  if (options.mode === 'independent') {
    labels.forEach((label, k) => {
      const margins = rows.map((_, row) => heldOut.margins[row * outputs + k] ?? 0);
      const fit = fitSigmoid(
        margins,
        rows.map((row) => row.labels.includes(label)),
      );
      slopes[k] = fit.slope;
      offsets[k] = fit.offset;
    });
    return { slopes, offsets };
  }
  const usable = [...rows.keys()].filter((row) => heldOut.stranger[row] === 0 && (rows[row]?.labels.length ?? 0) > 0);
  const margins = new Float32Array(usable.length * labels.length);
  usable.forEach((row, i) => {
    margins.set(heldOut.margins.subarray(row * outputs, row * outputs + labels.length), i * labels.length);
  });
  const truth = usable.map((row) => labels.indexOf(rows[row]?.labels[0] ?? ''));
  slopes.fill(fitTemperature(margins, labels.length, truth));
  return { slopes, offsets };
}

function calibrateScope(
  rows: readonly LabelledRow[],
  labels: readonly string[],
  heldOut: HeldOut,
  recall: number,
): Model['scope'] {
  const outputs = heldOut.margins.length / Math.max(rows.length, 1);
  const inputs = rows.map((_, row) =>
    scopeFeatures(
      heldOut.margins.subarray(row * outputs, (row + 1) * outputs),
      labels.length,
      outputs,
      heldOut.known[row] ?? 0,
    ),
  );
  const outside = rows.map((row, i) => row.labels.length === 0 || heldOut.stranger[i] === 1);
  const count = outside.filter(Boolean).length;
  if (count === 0) return { coefficients: [-1, -0.5, 0, -1, 0], threshold: 1 };
  const weight = (rows.length - count) / count; // both sides weigh the same, or "in scope" would always win
  const coefficients = fitLogistic(
    inputs,
    outside.map(Number),
    outside.map((is) => (is ? weight : 1)),
  );
  const scores = inputs.map((input) => scopeScore(input, coefficients));
  const threshold = quantile(
    scores.filter((_, i) => outside[i]),
    1 - recall,
  );
  return { coefficients, threshold };
}

/**
 * Trains on labelled rows. Rows without labels teach what is out of scope; without any, the threshold is set by rows
 * whose labels were hidden in cross-validation.
 */
export function train(rows: readonly LabelledRow[], options: TrainOptions = DEFAULT_OPTIONS): Model {
  const labels = [...new Set(rows.flatMap((row) => row.labels))].sort();
  const heldOut = crossScore(rows, labels, options);
  const texts = rows.map((row) => row.text);
  const vocabulary: Vocabulary = buildVocabulary(texts, options.features, options.minTexts, options.maxFeatures);
  const matrix = buildMatrix(texts, vocabulary);
  const targets = targetsOf(rows, labels);
  const planes = fitPlanes(matrix, Int32Array.from(rows.keys()), targets, options.linear);
  return {
    mode: options.mode,
    labels,
    vocabulary,
    outputs: targets.length,
    ...quantise(planes, targets.length, matrix.width, options.levels),
    biases: planes.biases,
    ...calibrateConfidence(rows, labels, heldOut, options),
    scope: calibrateScope(rows, labels, heldOut, options.outOfScopeRecall),
  };
}
