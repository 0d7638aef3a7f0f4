/** What the screen's classifier is trained on, and how. */
import { readFileSync } from 'node:fs';
import { type LabelledRow, readLabelledCsv } from '../models/offline/csv.ts';
import type { Model } from '../models/offline/model.ts';
import { DEFAULT_OPTIONS, type TrainOptions } from '../models/offline/options.ts';
import { train } from '../models/offline/train.ts';
import { normalise } from './normalise.ts';

export const HARMLESS = 'harmless';
export const ATTACK = 'attack';

/** Families of `corpus.csv`, gathered into what differs as much as one source differs from another. */
export const SOURCES: Readonly<Record<string, readonly string[]>> = {
  'orders and personas': ['override', 'persona', 'persuade'],
  'requests for prompts and secrets': ['extract', 'secret', 'third'],
  'hidden in documents': ['indirect', 'exfil'],
  'tools and templates': ['tool', 'delimiter'],
  'other languages': ['multilingual'],
  'in pieces and by example': ['split', 'fewshot'],
};

/** Features without concepts: those are words of support desks, and change with them. */
export const SCREEN_OPTIONS: TrainOptions = {
  ...DEFAULT_OPTIONS,
  mode: 'independent',
  features: { wordNgrams: 2, charNgrams: [2, 4], hashBits: 22, wordWeight: 1, conceptWeight: 0 },
  maxFeatures: 7_000,
  linear: { ...DEFAULT_OPTIONS.linear, cost: 0.5, positiveWeight: 2 },
  folds: 4,
  levels: 15,
};

const read = (path: string) => readLabelledCsv(readFileSync(new URL(path, import.meta.url), 'utf8'));

export interface Corpus {
  attacks: { text: string; family: string }[];
  harmless: string[];
}

/** Our attacks and harmless texts, and the desk's own tickets as harmless ones. */
export function readCorpus(): Corpus {
  const rows = read('corpus.csv').map(({ text, labels }) => ({ text, family: labels[0] ?? '' }));
  return {
    attacks: rows.filter(({ family }) => family !== HARMLESS),
    harmless: [
      ...rows.filter(({ family }) => family === HARMLESS).map(({ text }) => text),
      ...read('../models/offline/corpus.csv').map(({ text }) => text),
    ],
  };
}

/** One label that a text carries or not; texts are read as the screen reads them. */
export function trainScreen(attacks: readonly string[], harmless: readonly string[]): Model {
  const row = (text: string, label: string): LabelledRow => ({ text: normalise(text).text, labels: [label] });
  return train(
    [...attacks.map((text) => row(text, ATTACK)), ...harmless.map((text) => row(text, HARMLESS))],
    SCREEN_OPTIONS,
  );
}
