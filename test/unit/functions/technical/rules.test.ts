import { describe, expect, it } from 'vitest';
import { examine } from '../../../../functions/technical/rules.ts';

describe('technical', () => {
  it.each([
    ['Our whole site is unreachable', 'Something is down: people look at it at once'],
    ['Since noon every call is answered with 503', 'Something is down: people look at it at once'],
    ['Three tables are empty after the restore', 'Data may be lost'],
    ['We found a stored XSS in your console', 'A report about security is read by people'],
    ['That looks like a bug to me', 'This may be a defect of ours'],
    ['Please have an engineer look at it', 'The customer asks for an engineer'],
  ])('hands over: %s', (text, reason) => {
    expect(examine(text, 'P3')).toMatchObject({ kind: 'human', reason });
  });

  it('hands over whatever is of the highest priority', () => {
    expect(examine('How do I rotate a key?', 'P1').kind).toBe('human');
  });

  it.each([
    'If our endpoint is down for an hour, do you send the events again?',
    'The build fails with exit code 137',
    'Requests end with 504, can the limit be raised?',
  ])('leaves to the articles: %s', (text) => {
    expect(examine(text, 'P3').kind).toBe('article');
  });
});
