import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifyIntents } from '../../../../shared/models/offline/intents.ts';
import { choosePriority } from '../../../../shared/models/offline/priority.ts';
import { scoreSentiment } from '../../../../shared/models/offline/sentiment.ts';

const prioritise = (text: string) =>
  choosePriority({ text, intents: classifyIntents(text).intents, sentiment: scoreSentiment(text) });

describe('priority', () => {
  test.each([
    ['P1', 'Production is DOWN, customers cannot check out'],
    ['P1', 'The API is completely down since 9:40'],
    ['P1', 'After the failover 1,200 records in the events table are gone'],
    ['P1', 'Somebody hacked our servers'],
    ['P1', "We see another tenant's records in our list"],
    ['P1', 'The invoice question is resolved, but now production is down'],
    ['P2', 'My account has been suspended'],
    ['P2', 'I was charged twice for March'],
    ['P2', 'Please answer urgently, our release is tomorrow'],
    ['P2', 'I will talk to my lawyer about this'],
    ['P2', 'Our deployment fails'],
    ['P3', 'The total on the report looks wrong'],
    ['P3', 'Please change my billing address'],
    ['P4', 'Where can I find the documentation?'],
    ['P4', 'Thanks, that helped!'],
    ['P4', 'Feature request: sort the list by date'],
    ['P4', 'What happens if the API is down?'],
  ])('%s: %s', (priority, text) => {
    expect(prioritise(text)).toEqual({ priority, reason: expect.stringMatching(/\w{3}/) });
  });

  test('an outage that is over is no emergency', () => {
    expect(prioritise('The service was down yesterday but everything is fine now').priority).not.toBe('P1');
  });

  test('every text gets a priority and a reason', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { priority, reason } = prioritise(text);
        expect(['P1', 'P2', 'P3', 'P4']).toContain(priority);
        expect(reason).not.toBe('');
      }),
    );
  });
});
