/** Turns held-out margins into a model's confidences and its out-of-scope threshold. */
import { fitLogistic, fitSigmoid, fitTemperature, quantile } from './calibrate.ts';
import type { LabelledRow } from './csv.ts';
import type { HeldOut } from './held-out.ts';
import { type Model, scopeFeatures, scopeScore } from './model.ts';
import type { TrainOptions } from './options.ts';

export function calibrateConfidence(
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

/** Below this many examples a share of them is no estimate. */
const ENOUGH_OUTSIDE = 20;

/** Learns what an out-of-scope row looks like by its held-out margins, and where to draw the line. */
export function calibrateScope(
  rows: readonly LabelledRow[],
  labels: readonly string[],
  heldOut: HeldOut,
  options: TrainOptions,
): Model['scope'] {
  const outputs = heldOut.margins.length / Math.max(rows.length, 1);
  const inputs = rows.map((_, row) => {
    const margins = heldOut.margins.subarray(row * outputs, (row + 1) * outputs);
    return scopeFeatures(margins, labels.length, outputs, heldOut.known[row] ?? 0);
  });
  const outside = rows.map((row, i) => row.labels.length === 0 || heldOut.stranger[i] === 1);
  const count = outside.filter(Boolean).length;
  const weight = (rows.length - count) / count; // both sides weigh the same, or "in scope" would always win
  const coefficients =
    count === 0
      ? [-1, -0.5, 0, -1, 0] // nothing to learn from: a low best margin, no clear winner, unknown words
      : fitLogistic(
          inputs,
          outside.map(Number),
          outside.map((is) => (is ? weight : 1)),
        );
  const scores = inputs.map((input) => scopeScore(input, coefficients));
  // Strangers are closer to the labels than real off-topic questions: good for the direction, too strict for the line.
  const real = scores.filter((_, i) => rows[i]?.labels.length === 0);
  const threshold =
    real.length >= ENOUGH_OUTSIDE
      ? quantile(real, 1 - options.outOfScopeRecall)
      : quantile(
          scores.filter((_, i) => !outside[i]),
          1 - options.inScopeFlagged,
        );
  return { coefficients, threshold };
}
