/** The choices of training, with the values that did best on held-out rows of the development data. */
import type { FeatureSpec } from './features.ts';
import type { LinearOptions } from './linear.ts';
import type { Model } from './model.ts';

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
  /** Where no out-of-scope rows exist: share of in-scope rows that may be flagged, as seen on held-out rows. */
  inScopeFlagged: number;
  /** Weights are rounded to -levels..levels (at most 127). Fewer compress better. */
  levels: number;
}

export const DEFAULT_OPTIONS: TrainOptions = {
  mode: 'exclusive',
  features: { wordNgrams: 2, charNgrams: [2, 5], hashBits: 32, wordWeight: 1, conceptWeight: 0 },
  minTexts: 2,
  maxFeatures: 60_000,
  linear: { cost: 1, positiveWeight: 1, tolerance: 0.3, maxPasses: 50 },
  folds: 3,
  outOfScopeRecall: 0.86,
  inScopeFlagged: 0.04,
  levels: 127,
};
