import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scoreSentiment } from '../../../../shared/models/offline/sentiment.ts';

describe('sentiment', () => {
  test.each([
    ['Absolutely fantastic support, thank you so much!', 'positive'],
    ['Works like a charm, I love it', 'positive'],
    ['This is terrible and a waste of time', 'negative'],
    ['I am not happy with this', 'negative'],
    ['The support was not helpful.', 'negative'],
    ['Thanks for nothing', 'negative'],
    ['We love the editor, but the last update is awful and slow', 'negative'],
    ['Where is the documentation?', 'neutral'],
    ['', 'neutral'],
    ['Please change my billing address', 'neutral'],
  ])('%j is %s', (text, label) => {
    expect(scoreSentiment(text).label).toBe(label);
  });

  test.each([
    ['an intensifier', 'This is bad', 'This is extremely bad'],
    ['capitals', 'This is terrible', 'This is TERRIBLE'],
    ['exclamation marks', 'This is terrible', 'This is terrible!!!'],
    ['repeating oneself', 'It failed, awful', 'It failed again for the third time, still awful'],
  ])('%s makes it worse', (_, calm, angry) => {
    expect(scoreSentiment(angry).score).toBeLessThan(scoreSentiment(calm).score + 1e-9);
    expect(scoreSentiment(angry).frustration).toBeGreaterThan(scoreSentiment(calm).frustration);
  });

  test('negation turns a word round', () => {
    expect(scoreSentiment('good').score).toBeGreaterThan(0);
    expect(scoreSentiment('not good').score).toBeLessThan(0);
    expect(scoreSentiment('not bad').score).toBeGreaterThan(0);
  });

  test('a threat to leave is churn risk, and the sentence is named', () => {
    const { churnRisk, evidence } = scoreSentiment(
      'Hello. If this is not fixed we are moving to a competitor. My id is 5.',
    );
    expect(churnRisk).toBeGreaterThan(0.7);
    expect(evidence).toEqual(['If this is not fixed we are moving to a competitor.']);
  });

  test.each([
    'I will talk to my lawyer',
    'Let me speak to your manager',
    'We will report you to the ombudsman',
    'I start a chargeback today',
  ])('%j is escalation risk', (text) => {
    expect(scoreSentiment(text).escalationRisk).toBeGreaterThan(0.6);
  });

  test('a denial or a question weighs less than a threat', () => {
    const threat = scoreSentiment('I will cancel my subscription').churnRisk;
    expect(scoreSentiment("I don't want to cancel my subscription").churnRisk).toBeLessThan(threat / 2);
    expect(scoreSentiment('How do I cancel my subscription?').churnRisk).toBeLessThan(threat);
  });

  test('names of services in capitals are no shouting', () => {
    expect(scoreSentiment('The API and DNS for our TLS endpoint').frustration).toBeLessThan(0.1);
  });

  test('every number stays in its range and evidence is quoted from the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc
            .array(fc.constantFrom('terrible', 'NOT', 'great!', 'lawyer.', 'but', 'cancel'))
            .map((words) => words.join(' ')),
        ),
        (text) => {
          const { score, frustration, churnRisk, escalationRisk, evidence } = scoreSentiment(text);
          expect(score).toBeGreaterThanOrEqual(-1);
          expect(score).toBeLessThanOrEqual(1);
          for (const risk of [frustration, churnRisk, escalationRisk]) {
            expect(risk).toBeGreaterThanOrEqual(0);
            expect(risk).toBeLessThanOrEqual(1);
          }
          for (const sentence of evidence) expect(text).toContain(sentence);
        },
      ),
    );
  });
});
