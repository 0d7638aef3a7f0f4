import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitSentences } from '../../../../shared/models/offline/sentences.ts';
import { summarize } from '../../../../shared/models/offline/summarize.ts';

const ticket =
  'Hi team, hope you are well. Since the last release the browser tab eats all memory when we open a project with more than 300 tasks. ' +
  'Smaller projects are fine. It rains today. The memory problem blocks our most important project. Kind regards, Bob';

describe('sentences', () => {
  test('end at marks, but not inside numbers, addresses and abbreviations', () => {
    expect(
      splitSentences('It costs 3.50 at api.example.com, e.g. here. Why?! Stop\nNew line').map(({ text }) => text),
    ).toEqual(['It costs 3.50 at api.example.com, e.g. here.', 'Why?!', 'Stop', 'New line']);
  });

  test('say where they stand', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const sentence of splitSentences(text)) expect(text.startsWith(sentence.text, sentence.start)).toBe(true);
      }),
    );
  });
});

describe('a summary', () => {
  test('keeps what the ticket is about and leaves out greetings and asides', () => {
    expect(summarize(ticket)).toBe(
      'Since the last release the browser tab eats all memory when we open a project with more than 300 tasks. The memory problem blocks our most important project.',
    );
  });

  test('is the whole text when that is short, and empty for nothing', () => {
    expect(summarize('It fails.')).toBe('It fails.');
    expect(summarize('Thanks!')).toBe('Thanks!');
    expect(summarize('')).toBe('');
    expect(summarize(ticket, 0)).toBe('');
  });

  test('is made of the sentences of the text, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.lorem({ maxCount: 8 }), { maxLength: 12 }), fc.nat(5), (parts, count) => {
        const sentences = parts.map((part) => `${part}.`);
        const summary = splitSentences(summarize(sentences.join(' '), count)).map(({ text }) => text);
        expect(summary.length).toBe(Math.min(count, sentences.length));
        let from = 0;
        for (const sentence of summary) from = sentences.indexOf(sentence, from) + 1;
        expect(summary.every((sentence) => sentences.includes(sentence))).toBe(true);
      }),
    );
  });
});
