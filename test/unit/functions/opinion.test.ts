import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../../../shared/errors.ts';
import { lookUp } from '../../../shared/specialists/report.ts';
import { openDesk } from './desk.ts';

const request = (customerId: string, description: string) => ({ customerId, description, channel: 'api' }) as const;

describe('a specialist', () => {
  const ask = openDesk();

  it('has lawyers and complaints read by people, whatever else is asked', async () => {
    const { ticket, findings } = await ask(
      request('cus_wrenfield', 'At what hours can I reach your support? My lawyer asks.'),
    );
    expect(ticket.state).toBe('handed_over');
    expect(findings.find(({ agent }) => agent === 'technical')).toMatchObject({
      verdict: 'escalate',
      reason: 'Lawyers or authorities are named',
    });
  });

  it('hands over what an unknown customer asks of the books', async () => {
    const { findings } = await ask(
      request('cus_nobody', 'When does our plan renew and how much will you take from the card?'),
    );
    expect(findings.find(({ agent }) => agent === 'billing')).toMatchObject({
      verdict: 'escalate',
      reason: 'The customer is not known; no money is discussed without the books',
    });
  });

  it('gives a human the double payment with the refund and the words for the customer', async () => {
    const { ticket, findings } = await ask(
      request('cus_acme', 'I was charged twice for invoice INV-2041 this month, please refund one of the payments.'),
    );
    expect(ticket.state).toBe('handed_over');
    expect(ticket.decision?.suggestedReply).toContain('We found two payments of 49.00 USD');
    expect(findings.flatMap(({ proposedActions }) => proposedActions)).toMatchObject([
      { tool: 'refund', arguments: { paymentId: 'pay_7101' } },
    ]);
  });
});

describe('a look into the customer system', () => {
  it('tells an unknown customer from a system that is away, and hides no other failure', async () => {
    expect(await lookUp(async () => 1)).toEqual({ found: 1 });
    expect(await lookUp(async () => undefined)).toEqual({ missing: 'The customer is not known' });
    const away = () => Promise.reject(new UnavailableError('The customer system', 'none'));
    expect(await lookUp(away)).toEqual({ missing: 'The customer system is away' });
    await expect(lookUp(() => Promise.reject(new TypeError('a bug')))).rejects.toThrow('a bug');
  });
});
