import { describe, expect, it } from 'vitest';
import { examine } from '../../../../functions/account/rules.ts';
import { customer } from '../sample.ts';

const ask = (name: string, text: string) => examine({ whole: text, part: text }, customer(name));

describe('account', () => {
  it.each([
    ['verdigris', 'How many seats are in use?', 'Your Business plan has 25 seats, 18 of them in use.'],
    ['tessellate', 'Which plan are we on?', 'You are on the Team plan; the subscription is active.'],
    ['ironwood', 'What name is the account under?', 'Your account is registered as Ironwood Carpentry in us-west.'],
  ])('tells %s from the record: %s', (name, text, fact) => {
    expect(ask(name, text)).toEqual({ kind: 'records', reason: 'Told from the customer record', facts: [fact] });
  });

  it.each([
    'I lost my phone with the codes on it',
    'How do I get back into my account without my phone?',
    'Somebody has changed our e-mail address',
    'Please make Ann the owner',
    'Our owner has passed away',
    'Merge both workspaces',
    'Delete my personal data',
  ])('proposes nothing but a human for: %s', (text) => {
    expect(ask('acme', text)).toMatchObject({ kind: 'human', actions: [{ tool: 'reset_access' }] });
  });

  it('proposes to re-activate what is suspended, and only that', () => {
    expect(ask('saltmarsh', 'Why are we suspended?')).toMatchObject({ actions: [{ tool: 'reactivate_account' }] });
    expect(ask('acme', 'Why are we suspended?')).toMatchObject({ kind: 'human', actions: [] });
  });

  it.each(['Is SAML in our plan?', 'How do I invite a colleague?', 'assign a seat to Jonas'])(
    'leaves to the articles: %s',
    (text) => {
      expect(ask('acme', text).kind).toBe('article');
    },
  );
});
