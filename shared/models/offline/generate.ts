/**
 * Trains the intent classifier on `corpus.csv` and writes it to `generated/intents.bin.ts`. Deterministic: the same
 * corpus and code give the same file, and a unit test fails when the file is stale.
 * Run: `node shared/models/offline/generate.ts`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { type LabelledRow, readLabelledCsv } from './csv.ts';
import { DEFAULT_OPTIONS, type TrainOptions } from './options.ts';
import { save } from './serialize.ts';
import { train } from './train.ts';

/** Small enough to travel in every bundle: few features, short hashes, coarse weights. */
export const INTENT_OPTIONS: TrainOptions = {
  ...DEFAULT_OPTIONS,
  mode: 'independent',
  features: { wordNgrams: 2, charNgrams: [3, 5], hashBits: 22, wordWeight: 1, conceptWeight: 0.6 },
  maxFeatures: 8_000,
  linear: { ...DEFAULT_OPTIONS.linear, cost: 0.4 },
  folds: 10,
  outOfScopeRecall: 0.8,
  levels: 15,
};

/** The labelled sentences that were written for this desk. */
export function readCorpus(): LabelledRow[] {
  return readLabelledCsv(readFileSync(new URL('corpus.csv', import.meta.url), 'utf8'));
}

/** The bytes of the model before compression. */
export function buildIntentModel(): Uint8Array {
  return save(train(readCorpus(), INTENT_OPTIONS));
}

/** The generated module's text. */
export function renderIntentModule(model: Uint8Array): string {
  const packed = deflateRawSync(model, { level: 9 });
  return `// Written by generate.ts from corpus.csv. Don't edit.\nexport const INTENT_MODEL =\n  '${packed.toString('base64')}';\n`;
}

if (import.meta.main) {
  const source = renderIntentModule(buildIntentModel());
  writeFileSync(new URL('generated/intents.bin.ts', import.meta.url), source);
  console.log(`generated/intents.bin.ts: ${source.length} characters`);
}
