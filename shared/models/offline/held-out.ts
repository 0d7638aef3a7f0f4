/** Cross-validation inside training: every row scored by a model that never saw it. */
import type { LabelledRow } from './csv.ts';
import { createRandom } from './linear.ts';
import { fitPlanes, marginOf, targetsOf } from './one-vs-rest.ts';
import type { TrainOptions } from './options.ts';
import { buildMatrix, buildVocabulary } from './vocabulary.ts';

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
