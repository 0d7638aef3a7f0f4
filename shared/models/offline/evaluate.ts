/** Measures the classifier: on any training and test rows, and on the desk's own intents by cross-validation. */
import { classify } from './classify.ts';
import { CsvError, type LabelledRow, readLabelledCsv } from './csv.ts';
import { stratify } from './held-out.ts';
import { classifyWith, INTENTS } from './intents.ts';
import { DEFAULT_OPTIONS, type TrainOptions } from './options.ts';
import { load, save } from './serialize.ts';
import { train } from './train.ts';

export interface Evaluation {
  /** Share of rows answered rightly: the first label for in-scope rows (flagged or not), a flag for the others. */
  accuracy: number;
  /** Share of in-scope rows whose first label is right and which were not flagged: the stricter figure. */
  inScopeAccuracy: number;
  /** Share of out-of-scope rows that were flagged; NaN without any. */
  outOfScopeRecall: number;
  trainSeconds: number;
  msPerText: number;
  loadMs: number;
  /** Highest resident size of the whole process so far, in MiB. */
  peakMb: number;
  modelBytes: number;
}

/** Trains, saves, loads (so that what is measured is what would be shipped) and classifies every test row. */
export function evaluate(
  trainRows: readonly LabelledRow[],
  testRows: readonly LabelledRow[],
  options: TrainOptions = DEFAULT_OPTIONS,
): Evaluation {
  const started = performance.now();
  const trained = train(trainRows, options);
  const trainSeconds = (performance.now() - started) / 1_000;
  const bytes = save(trained);
  const beforeLoad = performance.now();
  const model = load(bytes);
  const loadMs = performance.now() - beforeLoad;

  let [inScope, right, rightAndKept, outside, flagged] = [0, 0, 0, 0, 0];
  classify(model, ''); // builds the look-up table
  const beforeTexts = performance.now();
  for (const row of testRows) {
    const { ranked, outOfScope } = classify(model, row.text);
    if (row.labels.length === 0) {
      outside++;
      if (outOfScope) flagged++;
      continue;
    }
    inScope++;
    if (!row.labels.includes(ranked[0]?.label ?? '')) continue;
    right++;
    if (!outOfScope) rightAndKept++;
  }
  return {
    accuracy: (right + flagged) / testRows.length,
    inScopeAccuracy: rightAndKept / inScope,
    outOfScopeRecall: flagged / outside,
    trainSeconds,
    msPerText: (performance.now() - beforeTexts) / testRows.length,
    loadMs,
    peakMb: process.resourceUsage().maxRSS / 1_024,
    modelBytes: bytes.length,
  };
}

/** `evaluate` for two CSV files with the header `text,category`. @throws CsvError naming the line */
export function evaluateCsv(trainCsv: string, testCsv: string, options?: TrainOptions): Evaluation {
  const rows = readLabelledCsv(trainCsv);
  if (rows.length === 0) throw new CsvError(1, 'there are no rows to train on');
  return evaluate(rows, readLabelledCsv(testCsv), options);
}

export interface IntentEvaluation {
  /** Share of in-scope rows whose most confident intent is one of the row's. */
  accuracy: number;
  /** Mean F1 of the four intents, over rows with one intent. */
  macroF1: number;
  /** Of the intents given at least 0.7, the share that is right, and how many there are. */
  confidentPrecision: number;
  confident: number;
  /** Share of rows with several intents for which all of them have at least 0.7. */
  allIntentsFound: number;
  outOfScopeRecall: number;
  inScopeFlagged: number;
}

/** Classifies every row of a corpus by a model of the other folds. */
export function crossValidateIntents(
  rows: readonly LabelledRow[],
  options: TrainOptions,
  folds = 10,
): IntentEvaluation {
  const fold = stratify(rows, folds, 99);
  const count = {
    inScope: 0,
    right: 0,
    confident: 0,
    confidentRight: 0,
    several: 0,
    all: 0,
    outside: 0,
    found: 0,
    lost: 0,
  };
  const perIntent = new Map(INTENTS.map((intent) => [intent as string, { hit: 0, wrong: 0, missed: 0 }]));
  for (let f = 0; f < folds; f++) {
    const model = train(
      rows.filter((_, i) => fold[i] !== f),
      options,
    );
    for (const [i, row] of rows.entries()) {
      if (fold[i] !== f) continue;
      const { intents, outOfScope } = classifyWith(model, row.text);
      const confident = intents.filter(({ confidence }) => confidence >= 0.7).map(({ intent }) => intent as string);
      count.confident += confident.length;
      count.confidentRight += confident.filter((intent) => row.labels.includes(intent)).length;
      if (row.labels.length === 0) {
        count.outside++;
        if (outOfScope) count.found++;
        continue;
      }
      count.inScope++;
      if (outOfScope) count.lost++;
      const first = intents[0]?.intent ?? '';
      if (row.labels.includes(first)) count.right++;
      if (row.labels.length > 1) {
        count.several++;
        if (row.labels.every((label) => confident.includes(label))) count.all++;
        continue;
      }
      const own = perIntent.get(row.labels[0] ?? '');
      const answered = perIntent.get(first);
      if (own && own === answered) own.hit++;
      else {
        if (own) own.missed++;
        if (answered) answered.wrong++;
      }
    }
  }
  const f1 = [...perIntent.values()].map(({ hit, wrong, missed }) => (2 * hit) / Math.max(2 * hit + wrong + missed, 1));
  return {
    accuracy: count.right / count.inScope,
    macroF1: f1.reduce((sum, value) => sum + value, 0) / f1.length,
    confidentPrecision: count.confidentRight / Math.max(count.confident, 1),
    confident: count.confident,
    allIntentsFound: count.all / count.several,
    outOfScopeRecall: count.found / count.outside,
    inScopeFlagged: count.lost / count.inScope,
  };
}
