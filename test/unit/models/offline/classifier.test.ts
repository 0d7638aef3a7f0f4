import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fitSigmoid, fitTemperature, sigmoid } from '../../../../shared/models/offline/calibrate.ts';
import { classify } from '../../../../shared/models/offline/classify.ts';
import { type LabelledRow, readLabelledCsv } from '../../../../shared/models/offline/csv.ts';
import { evaluate } from '../../../../shared/models/offline/evaluate.ts';
import { createTokenBuffer, MAX_TEXT_LENGTH, tokenize } from '../../../../shared/models/offline/features.ts';
import { readCorpus } from '../../../../shared/models/offline/generate.ts';
import { stratify } from '../../../../shared/models/offline/held-out.ts';
import { DEFAULT_OPTIONS } from '../../../../shared/models/offline/options.ts';
import { load, save } from '../../../../shared/models/offline/serialize.ts';
import { train } from '../../../../shared/models/offline/train.ts';

const fruit: LabelledRow[] = [
  ...['a red apple', 'apple pie please', 'green apples taste sour', 'apple juice', 'one more apple'].map((text) => ({
    text,
    labels: ['apple'],
  })),
  ...['a ripe banana', 'banana bread please', 'yellow bananas are sweet', 'banana split', 'peel the banana'].map(
    (text) => ({ text, labels: ['banana'] }),
  ),
];
const corpus = readCorpus().filter((row) => row.labels.length < 2);
const exclusive = train(corpus);
const independent = train(readCorpus(), { ...DEFAULT_OPTIONS, mode: 'independent' });

describe('training', () => {
  test('learns two labels from five rows each', () => {
    const model = train(fruit);
    expect(classify(model, 'two apples').ranked[0]?.label).toBe('apple');
    expect(classify(model, 'bananas!').ranked[0]?.label).toBe('banana');
  });

  test('gives the same bytes for the same rows', () => {
    expect(save(train(fruit))).toEqual(save(train(fruit)));
  });

  test('works with one label, with one row, and without rows', () => {
    expect(classify(train(fruit.slice(0, 5)), 'apple').ranked[0]?.label).toBe('apple');
    expect(classify(train(fruit.slice(0, 1)), 'apple').ranked).toHaveLength(1);
    expect(classify(train([]), 'apple')).toEqual({ ranked: [], outOfScope: true });
  });

  test('deals the rows of every label evenly into folds', () => {
    const fold = stratify(corpus, 5);
    const perFold = [0, 1, 2, 3, 4].map(
      (f) => corpus.filter((row, i) => fold[i] === f && row.labels[0] === 'billing').length,
    );
    expect(Math.max(...perFold) - Math.min(...perFold)).toBeLessThanOrEqual(1);
  });
});

describe('classification', () => {
  test('confidences of exclusive labels are sorted, within 0 and 1, and sum to 1', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { ranked } = classify(exclusive, text);
        const confidences = ranked.map(({ confidence }) => confidence);
        expect(confidences.every((value) => value >= 0 && value <= 1)).toBe(true);
        expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
        expect(confidences.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  test('two independent labels can both be confident', () => {
    const { ranked } = classify(independent, 'I was charged twice and the API returns error 500.');
    expect(
      ranked
        .filter(({ confidence }) => confidence >= 0.7)
        .map(({ label }) => label)
        .sort(),
    ).toEqual(['billing', 'technical']);
  });

  test('a text without any known feature is out of scope', () => {
    expect(classify(train(fruit), '北京').outOfScope).toBe(true);
    expect(classify(exclusive, '').outOfScope).toBe(true);
  });

  test('a megabyte is read only as far as the limit', () => {
    const long = 'the api is down '.repeat(65_536);
    expect(classify(exclusive, long)).toEqual(classify(exclusive, long.slice(0, MAX_TEXT_LENGTH)));
  });

  test('cuts a text into a bounded number of features per character', () => {
    const buffer = createTokenBuffer();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        tokenize(text, DEFAULT_OPTIONS.features, buffer);
        expect(buffer.length).toBeLessThanOrEqual(12 * text.normalize('NFKC').length + 16);
        expect(buffer.words).toBeLessThanOrEqual(buffer.length);
      }),
    );
  });
});

describe('a saved model', () => {
  test.each([
    ['exclusive', exclusive],
    ['independent', independent],
  ])('answers like the one it was saved from (%s)', (_, model) => {
    const loaded = load(save(model));
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...corpus.map((row) => row.text)), fc.string({ unit: 'binary' })),
        (text) => {
          expect(classify(loaded, text)).toEqual(classify(model, text));
        },
      ),
    );
    expect(save(loaded)).toEqual(save(model));
  });

  test('loads from a view into a larger buffer', () => {
    const bytes = save(exclusive);
    const larger = Buffer.concat([Buffer.from('prefix'), bytes, Buffer.from('suffix')]);
    const loaded = load(larger.subarray(6, 6 + bytes.length));
    expect(classify(loaded, 'Reset my password')).toEqual(classify(exclusive, 'Reset my password'));
  });

  test('is refused when it is something else or cut short', () => {
    const bytes = save(exclusive);
    expect(() => load(new Uint8Array())).toThrow(/no classifier model/);
    expect(() => load(new TextEncoder().encode('PK not a model at all'))).toThrow(/no classifier model/);
    expect(() => load(bytes.subarray(0, 40))).toThrow(/cut short/);
    expect(() => load(bytes.subarray(0, -1))).toThrow(/expected \d+/);
  });
});

describe('calibration', () => {
  test('Platt scaling recovers the sigmoid that made the labels', () => {
    const margins = Array.from({ length: 4_000 }, (_, i) => (i % 400) / 100 - 2);
    const positive = margins.map((margin, i) => (i * 0.618_034) % 1 < sigmoid(3 * margin - 0.5));
    const { slope, offset } = fitSigmoid(margins, positive);
    expect(slope).toBeCloseTo(3, 0);
    expect(offset).toBeCloseTo(-0.5, 0);
  });

  test('a temperature makes wrong margins less sure than right ones', () => {
    const right = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 1 : -1));
    const halfWrong = Array.from({ length: 100 }, (_, i) => i % 2);
    const allRight = Array.from({ length: 100 }, () => 0);
    expect(fitTemperature(right, 2, halfWrong)).toBeLessThan(fitTemperature(right, 2, allRight));
  });
});

// Beside the repository, not in it: public data that the figures are developed on.
const intents = new URL('../../../../../shared/data/intents/', import.meta.url);
const banking = new URL('banking77-train.csv', intents);
const clinc = new URL('clinc150-train-val.json', intents);

describe('public data', () => {
  test.skipIf(!existsSync(banking))('banking77: twelve intents are told apart on rows that were held out', () => {
    const all = readLabelledCsv(readFileSync(banking, 'utf8'));
    const some = new Set([...new Set(all.flatMap((row) => row.labels))].slice(0, 12));
    const rows = all.filter((row) => some.has(row.labels[0] ?? ''));
    const fold = stratify(rows, 5);
    const figures = evaluate(
      rows.filter((_, i) => fold[i] !== 0),
      rows.filter((_, i) => fold[i] === 0),
    );
    expect(figures.accuracy).toBeGreaterThan(0.93);
  });

  test.skipIf(!existsSync(clinc)).each([[true], [false]])(
    'clinc150: thirty intents and strange questions (seen in training: %s)',
    (seen) => {
      // The file's own shape, which its README describes.
      const data = JSON.parse(readFileSync(clinc, 'utf8')) as Record<
        'train' | 'val' | 'oos_train' | 'oos_val',
        [string, string][]
      >;
      const some = new Set([...new Set(data.train.map(([, label]) => label))].slice(0, 30));
      const rows = (list: [string, string][]) =>
        list
          .filter(([, label]) => label === 'oos' || some.has(label))
          .map(([text, label]) => ({ text, labels: label === 'oos' ? [] : [label] }));
      const figures = evaluate(
        [...rows(data.train), ...(seen ? rows(data.oos_train) : [])],
        [...rows(data.val), ...rows(data.oos_val)],
      );
      expect(figures.inScopeAccuracy).toBeGreaterThan(0.9);
      expect(figures.outOfScopeRecall).toBeGreaterThan(0.8);
    },
  );
});
