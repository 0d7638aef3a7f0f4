import { readFileSync } from 'node:fs';
import { gzipSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLabelledCsv } from '../../../../shared/models/offline/csv.ts';
import { crossValidateIntents } from '../../../../shared/models/offline/evaluate.ts';
import { buildIntentModel, INTENT_OPTIONS, readCorpus } from '../../../../shared/models/offline/generate.ts';
import { INTENT_MODEL } from '../../../../shared/models/offline/generated/intents.bin.ts';
import { classifyIntents, INTENTS } from '../../../../shared/models/offline/intents.ts';

describe('the support corpus', () => {
  const rows = readCorpus();

  test('has enough different sentences of each kind', () => {
    const alone = (label: string) => rows.filter((row) => row.labels.join() === label).length;
    for (const intent of INTENTS) expect(alone(intent)).toBeGreaterThanOrEqual(110);
    expect(rows.filter((row) => row.labels.length === 0).length).toBeGreaterThanOrEqual(80);
    expect(rows.filter((row) => row.labels.length > 1).length).toBeGreaterThanOrEqual(60);
    expect(new Set(rows.map((row) => row.text.toLowerCase())).size).toBe(rows.length);
  });

  test('knows no label that the desk does not', () => {
    expect(rows.flatMap((row) => row.labels).filter((label) => !INTENTS.some((intent) => intent === label))).toEqual(
      [],
    );
  });
});

describe('the generated intent model', () => {
  test('is what generate.ts makes of the corpus (else run: node shared/models/offline/generate.ts)', () => {
    // Compared unpacked: another zlib may pack the same bytes differently.
    const generated = new Uint8Array(inflateRawSync(Buffer.from(INTENT_MODEL, 'base64')));
    expect(Buffer.compare(generated, buildIntentModel())).toBe(0);
  });

  test('is small enough to travel in every bundle', () => {
    expect(gzipSync(INTENT_MODEL).length).toBeLessThan(60_000);
  });
});

describe('intents of a ticket', () => {
  test.each([
    ['Your API has returned 500 since nine this morning', 'technical'],
    ['I was charged twice this month, please refund me', 'billing'],
    ['I forgot my password and cannot log in', 'account'],
    ['Where can I find the documentation?', 'general'],
    ['HELP!!! Production is down', 'technical'],
    ['I want to cancel my subscription', 'billing'],
    ['How do I add a user to my team?', 'account'],
    ['Thank you, that helped', 'general'],
  ])('%s: %s', (text, intent) => {
    const { intents, outOfScope } = classifyIntents(text);
    expect(intents[0]?.intent).toBe(intent);
    expect(intents[0]?.confidence).toBeGreaterThanOrEqual(0.7);
    expect(outOfScope).toBe(false);
  });

  test.each([
    ['Charged twice, and now the API is down', ['billing', 'technical']],
    ["I can't log in. Also, the last invoice is wrong.", ['account', 'billing']],
  ])('%s: both %j', (text, expected) => {
    const confident = classifyIntents(text).intents.filter(({ confidence }) => confidence >= 0.7);
    expect(confident.map(({ intent }) => intent).sort()).toEqual(expected);
  });

  test.each([['What is the weather in Oslo?'], ['Give me a recipe for lentil soup'], ['zzz qqq'], ['']])(
    '%j belongs to no desk',
    (text) => {
      expect(classifyIntents(text).outOfScope).toBe(true);
    },
  );

  test('every text gets all four intents, the most confident first, each within 0 and 1', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.lorem({ maxCount: 20, mode: 'sentences' })), (text) => {
        const { intents } = classifyIntents(text);
        const confidences = intents.map(({ confidence }) => confidence);
        expect(intents.map(({ intent }) => intent).sort()).toEqual([...INTENTS].sort());
        expect(confidences).toEqual([...confidences].sort((a, b) => b - a));
        expect(confidences.every((value) => value >= 0 && value <= 1)).toBe(true);
      }),
    );
  });

  test('tickets written after the model was designed are understood', () => {
    const rows = readLabelledCsv(readFileSync(new URL('intents-unseen.csv', import.meta.url), 'utf8'));
    const inScope = rows.filter((row) => row.labels.length > 0);
    const right = inScope.filter((row) => row.labels.includes(classifyIntents(row.text).intents[0]?.intent ?? ''));
    expect(right.length / inScope.length).toBeGreaterThanOrEqual(0.9);
    const outside = rows.filter((row) => row.labels.length === 0);
    expect(outside.filter((row) => classifyIntents(row.text).outOfScope).length / outside.length).toBeGreaterThan(0.8);
  });

  test('cross-validation on the corpus keeps its figures', () => {
    const figures = crossValidateIntents(readCorpus(), { ...INTENT_OPTIONS, folds: 5 }, 5);
    expect(figures.accuracy).toBeGreaterThan(0.88);
    expect(figures.macroF1).toBeGreaterThan(0.87);
    expect(figures.confidentPrecision).toBeGreaterThan(0.9);
  });
});
