import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAnswer } from '../../../shared/knowledge/answer.ts';
import { clausesOf, isHowTo, isQuestion } from '../../../shared/knowledge/questions.ts';
import { buildIndex, searchIndex } from '../../../shared/knowledge/search.ts';
import type { Item } from '../../../shared/ports/store.ts';
import { articles } from './sample.ts';

const index = buildIndex(articles);
// Another clock is another desk: the articles are read anew.
const ctx = {
  workspace: 'main',
  clock: { now: () => 0, sleep: async () => {} },
  read: {
    get: async () => undefined,
    list: async () => ({ items: [] }),
    // The articles as they were stored.
    find: async <T>() => ({ items: articles.map((value) => ({ value })) as unknown as Item<T>[] }),
  },
};
const cited = async (text: string) => (await findAnswer(ctx, text))?.article.id;

describe('a search', () => {
  it('gives the passage that fits, not the article’s beginning', () => {
    const [hit] = searchIndex(index, 'the reset e-mail has not arrived');
    expect([hit?.article.id, hit?.passage.startsWith('The reset e-mail has not arrived?')]).toEqual([
      'reset-password',
      true,
    ]);
  });

  it('covers between nothing and all of the question, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.lorem()), (question) => {
        const hits = searchIndex(index, question);
        expect(hits.every(({ coverage }) => coverage > 0 && coverage <= 1 + Number.EPSILON * 8)).toBe(true);
        expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).sort((a, b) => b - a));
      }),
    );
  });

  it('is about as strong in a collection of one as among ten others', () => {
    const one = [{ id: 'a', title: 'Parrots', body: 'Feeding parrots with seeds', tags: [] }];
    const many = Array.from({ length: 10 }, (_, i) => ({ id: `b${i}`, title: `Other${i}`, body: 'Nothing', tags: [] }));
    const strength = (all: typeof one) => searchIndex(buildIndex(all), 'feeding parrots')[0]?.strength ?? 0;
    expect(strength([...one, ...many])).toBeGreaterThan(strength(one) * 0.5);
    expect(strength([...one, ...many])).toBeLessThan(strength(one) * 2);
  });
});

describe('an article answers', () => {
  it('a question that stands among many other words', async () => {
    const story = 'We had a long meeting on Monday with all of our partners about many matters of the coming season.';
    expect(await cited(`${story} How do I rotate an API key without interruption?`)).toBe('api-keys');
  });

  it.each([
    'I have a question',
    'Are you single?',
    'What is the weather in Lisbon?',
    'How do I invite a freelancer as a developer, and how do I create an API key that can only read?',
  ])('neither chance words nor half of two questions: %s', async (text) => {
    expect(await cited(text)).toBeUndefined();
  });
});

describe('the wording of a ticket', () => {
  it('is cut into sentences and second questions', () => {
    expect(clausesOf('Hello Mr. Smith.\nWhere is it, and how do I get it? Thanks')).toEqual([
      'Hello Mr. Smith.',
      'Where is it',
      'how do I get it?',
      'Thanks',
    ]);
  });

  it.each([
    ['How do I pay?', true, true],
    ['did that one go through', false, true],
    ['Please look into it', false, false],
    ['Can we pay by card', true, true],
  ])('%s asks for a way: %s, asks anything: %s', (text, howTo, question) => {
    expect([isHowTo(text), isQuestion(text)]).toEqual([howTo, question]);
  });
});
