/** Answers which labels a text carries, how sure that is, and whether it is about something else altogether. */
import { sigmoid } from './calibrate.ts';
import { createScorer, type Margins, type Model, scopeFeatures, scopeScore } from './model.ts';

export interface RankedLabel {
  label: string;
  /** Calibrated probability, 0..1. */
  confidence: number;
}

export interface Classification {
  /** Every label, the most confident first. */
  ranked: RankedLabel[];
  /** The text belongs to none of the labels: don't act on the ranking. */
  outOfScope: boolean;
}

const scorers = new WeakMap<Model, (text: string) => Margins>();

/** Classifies one text. The first call for a model builds its look-up table (a few milliseconds), the others reuse it. */
export function classify(model: Model, text: string): Classification {
  let score = scorers.get(model);
  if (!score) {
    score = createScorer(model);
    scorers.set(model, score);
  }
  const { values, vector } = score(text);
  const { labels, slopes, offsets } = model;
  const ranked: RankedLabel[] = labels.map((label, k) => ({
    label,
    confidence: (slopes[k] ?? 1) * (values[k] ?? 0) + (offsets[k] ?? 0),
  }));
  ranked.sort((a, b) => b.confidence - a.confidence);
  if (model.mode === 'independent') {
    for (const entry of ranked) entry.confidence = sigmoid(entry.confidence);
  } else {
    const highest = ranked[0]?.confidence ?? 0;
    let total = 0;
    for (const entry of ranked) {
      entry.confidence = Math.exp(entry.confidence - highest);
      total += entry.confidence;
    }
    for (const entry of ranked) entry.confidence /= total;
  }
  const { coefficients, threshold } = model.scope;
  const scope = scopeScore(scopeFeatures(values, labels.length, model.outputs, vector.known), coefficients);
  // A text without a single known feature cannot be about any of the labels, whatever the threshold.
  return { ranked, outOfScope: vector.length === 0 || scope > threshold };
}
