import { describe, expect, it } from 'vitest';
import { namesOtherPlan } from '../../../../functions/billing/asks.ts';
import { idsOf } from '../../../../functions/billing/books.ts';
import { examine } from '../../../../functions/billing/rules.ts';
import { customer } from '../sample.ts';

const ask = (name: string, text: string, named: readonly string[] = []) =>
  examine({ whole: text, part: text, named }, customer(name));

describe('billing answers from the books', () => {
  it.each([
    ['globex_ferries', 'When is the next payment and how much?', 'renews on 2026-12-12 for 149.00 EUR a month'],
    ['foxglove', 'Was the October bill paid?', 'INV-2009 of 2026-10-15 is for 149.00 GBP, paid'],
    ['bramblewick', 'Which payment failed?', 'payment of 49.00 GBP for invoice INV-2047 on 2026-11-11 failed'],
    ['ironwood', 'Are we overdue with anything?', 'Still open: INV-2038, 38.00 USD in all'],
    [
      'sundial',
      'Has the payment of the last invoice gone through?',
      'not paid yet (open; pending: 149.00 EUR on 2026-11-16)',
    ],
    ['pixelmoor', 'how many seats do we pay for', 'with 10 seats, 10 of them in use, at 49.00 USD a month'],
  ])('%s: %s', (name, text, fact) => {
    const examined = ask(name, text);
    expect(examined.kind).toBe('records');
    expect(examined).toHaveProperty('facts', expect.arrayContaining([expect.stringContaining(fact)]));
  });

  it('tells the invoice that is named, not the newest', () => {
    expect(ask('acme', 'Is this one paid?', ['INV-1931'])).toMatchObject({
      facts: ['Invoice INV-1931 of 2026-09-05 is for 49.00 USD, paid: 49.00 USD on 2026-09-05.'],
    });
  });

  it('has nothing to tell of a month without an invoice', () => {
    expect(ask('foxglove', 'Was the June invoice paid?')).toMatchObject({ kind: 'human' });
  });
});

describe('billing hands over', () => {
  it.each([
    ['the money back', 'Could you give us the money back for October?'],
    ['a charge that is not agreed with', 'Why is the bill higher than last month?'],
    ['other terms', 'Could we have 60 days to pay?'],
    ['the end of the contract', 'We will not extend in February, is that noted?'],
    ['tax', 'Is VAT on the invoice?'],
    ['another paper', 'Can you issue us a corrected invoice?'],
    ['a statement that asks nothing', 'Our bank changed.'],
    ['a double charge that the books do not show', 'Was I charged twice?'],
  ])('%s', (_, text) => {
    expect(ask('globex_ferries', text).kind).toBe('human');
  });

  it('an invoice that is not the customer’s', () => {
    expect(ask('acme', 'Is it paid?', ['INV-2043'])).toMatchObject({
      kind: 'human',
      reason: 'The customer names invoice INV-2043, which is not among theirs',
    });
  });

  it('a double charge with the refund of the second payment proposed, also to who only asks whether it was paid', () => {
    const [complaint, question] = [ask('driftglass', 'You took it again!'), ask('driftglass', 'Was my invoice paid?')];
    for (const examined of [complaint, question])
      expect(examined).toMatchObject({
        kind: 'human',
        facts: [expect.stringContaining('pay_7153 of 2026-11-09')],
        actions: [
          { tool: 'refund', arguments: { paymentId: 'pay_7154', amount: { amount: '49.00', currency: 'USD' } } },
        ],
      });
  });

  it('what stands in a part of the ticket that is not about billing', () => {
    const part = 'When does our plan renew?';
    expect(examine({ whole: `${part} And cancel it.`, part, named: [] }, customer('acme')).kind).toBe('human');
  });
});

describe('billing leaves to the articles', () => {
  it.each([
    'How do I add a new card?',
    'Where can I download receipts?',
    'What is in the Business plan?',
    'Are there discounts for schools?',
  ])('%s', (text) => {
    expect(ask('acme', text).kind).toBe('article');
  });

  it('only to those that speak of billing', () => {
    const examined = ask('acme', 'How do I add a new card?');
    if (examined.kind !== 'article') throw new Error('An article may answer this');
    expect(examined.fits?.({ id: 'a', title: 'Change your payment method', tags: [], body: '' })).toBe(true);
    expect(examined.fits?.({ id: 'b', title: 'Reset your password', tags: ['login'], body: 'invoice' })).toBe(false);
  });
});

describe('the names of invoices and plans', () => {
  it('are understood as people write them', () => {
    const { invoices } = customer('acme');
    expect(idsOf(['inv 2041', '1987', 'INV-1931', 'INV-9'], invoices)).toEqual([
      'INV-2041',
      'INV-1987',
      'INV-1931',
      'INV-9',
    ]);
  });

  it.each([
    ['What does the Team plan cost?', true],
    ['The difference between Team and Starter plans?', true],
    ['When does the Starter plan renew?', false],
    ['Which plan are we on? Our plan is old.', false],
  ])('%s names another plan than Starter: %s', (text, other) => {
    expect(namesOtherPlan(text, ['Starter'])).toBe(other);
  });
});
