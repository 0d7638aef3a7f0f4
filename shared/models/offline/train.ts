/** Trains a model: one-vs-rest planes over TF-IDF features, calibrated on margins of rows that were held out. */
import { calibrateConfidence, calibrateScope } from './calibrate-model.ts';
import type { LabelledRow } from './csv.ts';
import { crossScore } from './held-out.ts';
import type { Model } from './model.ts';
import { fitPlanes, quantise, targetsOf } from './one-vs-rest.ts';
import { DEFAULT_OPTIONS, type TrainOptions } from './options.ts';
import { buildMatrix, buildVocabulary, type Vocabulary } from './vocabulary.ts';

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
    scope: calibrateScope(rows, labels, heldOut, options),
  };
}
