import type { Customer, Invoice, Subscription } from '../../shared/domain/customer.ts';
import type { ProposedAction } from '../../shared/domain/finding.ts';
import { addMoney, formatMoney, type Money } from '../../shared/domain/money.ts';

/** Two successful payments of one invoice, or of equal invoices of one day, within this time are a double charge. */
export const DUPLICATE_WINDOW_HOURS = 72;
/** What billing never settles by itself. */
export const HUMAN_DECIDES = ['refund', 'credit', 'dispute', 'cancellation', 'tax'] as const;

export interface Account {
  readonly customer: Customer;
  readonly invoices: readonly Invoice[];
  readonly subscriptions: readonly Subscription[];
}

export interface Examination {
  readonly verdict: 'answered' | 'escalate';
  readonly confidence: number;
  /** Sentences for the customer, each known to be true. */
  readonly facts: readonly string[];
  readonly evidence: readonly { readonly fact: string; readonly source: string }[];
  readonly actions: readonly ProposedAction[];
  readonly reason: string;
}

type Payment = Invoice['payments'][number] & { readonly invoice: Invoice };

const ASKS = {
  duplicate:
    /\b(twice|double|duplicate[ds]?|two (times|payments|charges)|second (time|charge|payment)|charged again)\b/i,
  refund: /\b(refund|money back|reimburse|credit (me|us|my|our)|chargeback|dispute)/i,
  cancel: /\b(cancel|terminate|downgrad|stop (my|our|the) subscription)/i,
  tax: /\b(vat|tax|gst|reverse charge|tax[- ]exempt)/i,
  failed: /\b(declin|failed|did ?n[o']t go through|rejected|past due|overdue|unpaid)/i,
  renewal:
    /\b(renew|next (charge|payment|bill|invoice)|when (will|do|am|is).*(charged|billed|pay)|billing (date|cycle)|trial)/i,
  plan: /\b(plan|price|pricing|cost|how much|subscription|seat)/i,
} as const;

const day = (iso: string): string => iso.slice(0, 10);
const succeeded = (invoice: Invoice): Payment[] =>
  invoice.payments.filter((payment) => payment.status === 'succeeded').map((payment) => ({ ...payment, invoice }));

/** Pairs of payments that took the same money twice. */
export function findDuplicates(invoices: readonly Invoice[]): { first: Payment; second: Payment }[] {
  const payments = invoices.flatMap(succeeded).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return payments.flatMap((second, i) => {
    const first = payments.slice(0, i).find((earlier) => isDuplicate(earlier, second));
    return first ? [{ first, second }] : [];
  });
}

function isDuplicate(a: Payment, b: Payment): boolean {
  const sameThing = a.invoice.id === b.invoice.id || day(a.invoice.issuedAt) === day(b.invoice.issuedAt);
  const near = Date.parse(b.at) - Date.parse(a.at) <= DUPLICATE_WINDOW_HOURS * 3_600_000;
  return sameThing && near && a.amount.amount === b.amount.amount && a.amount.currency === b.amount.currency;
}

/**
 * What the books say to a billing question. Money that would have to move is proposed, never promised, and decided by a
 * human; questions that the books answer are answered.
 * @param text the customer's words
 * @param named ids of invoices that the text names
 */
export function examine(text: string, named: readonly string[], account: Account): Examination {
  const { invoices, subscriptions } = account;
  const unknown = named.find((id) => !invoices.some((invoice) => invoice.id === id));
  if (unknown) return human(0.9, `The customer names invoice ${unknown}, which is not among theirs`);
  if (ASKS.duplicate.test(text)) return duplicates(invoices);
  if (ASKS.refund.test(text)) return human(0.9, 'The customer asks for money back', refundOf(invoices, named));
  if (ASKS.cancel.test(text))
    return human(
      0.9,
      'The customer wants to end or change the subscription',
      subscriptions.slice(0, 1).map(cancellation),
    );
  if (ASKS.tax.test(text)) return human(0.8, 'Questions of tax are answered by people');
  if (ASKS.failed.test(text)) return unpaid(invoices);
  const about = named.length > 0 ? invoices.filter((invoice) => named.includes(invoice.id)) : invoices.slice(0, 1);
  if (ASKS.renewal.test(text) && named.length === 0) return renewals(subscriptions);
  if (ASKS.plan.test(text) && named.length === 0) return plans(subscriptions);
  return about.length > 0
    ? answered(about.flatMap(invoiceFacts), 0.85, 'Explained from the invoice')
    : human(0.8, 'There is no invoice to explain');
}

function duplicates(invoices: readonly Invoice[]): Examination {
  const [pair] = findDuplicates(invoices);
  if (pair) {
    const { first, second } = pair;
    const facts = [
      `We found two payments of ${formatMoney(second.amount)}: ${first.id} of ${day(first.at)} for invoice ${first.invoice.id} and ${second.id} of ${day(second.at)} for invoice ${second.invoice.id}.`,
      'A colleague is checking the second payment now.',
    ];
    const action: ProposedAction = {
      tool: 'refund',
      reason: 'The same amount was paid twice',
      arguments: { paymentId: second.id, amount: second.amount },
    };
    return {
      ...answered(facts, 0.95, 'The same amount was paid twice; a refund needs a human'),
      verdict: 'escalate',
      actions: [action],
    };
  }
  const latest = invoices[0];
  if (!latest) return human(0.8, 'The customer reports a double charge, but there is no invoice');
  return answered(
    [...invoiceFacts(latest), 'Our records show no second payment of that amount.'],
    0.82,
    'The books show one payment only',
  );
}

function refundOf(invoices: readonly Invoice[], named: readonly string[]): ProposedAction[] {
  const payment = invoices.filter((invoice) => named.length === 0 || named.includes(invoice.id)).flatMap(succeeded)[0];
  return payment
    ? [
        {
          tool: 'refund',
          reason: 'Asked for by the customer',
          arguments: { paymentId: payment.id, amount: payment.amount },
        },
      ]
    : [];
}

const cancellation = (subscription: Subscription): ProposedAction => ({
  tool: 'change_subscription',
  reason: 'Asked for by the customer',
  arguments: { subscriptionId: subscription.id },
});

function unpaid(invoices: readonly Invoice[]): Examination {
  const open = invoices.filter((invoice) => invoice.status === 'open' || invoice.status === 'uncollectible');
  const [failed] = invoices.flatMap((invoice) =>
    invoice.payments.filter((payment) => payment.status === 'failed').map((payment) => ({ ...payment, invoice })),
  );
  if (failed) {
    const facts = [
      `The payment of ${formatMoney(failed.amount)} for invoice ${failed.invoice.id} on ${day(failed.at)} failed.`,
      openSentence(open),
    ];
    return answered(facts, 0.85, 'A payment failed');
  }
  return answered([openSentence(open)], 0.78, 'No failed payment in the books');
}

function openSentence(open: readonly Invoice[]): string {
  if (open.length === 0) return 'All your invoices are paid; nothing is due.';
  const totals = openTotals(open).map(formatMoney).join(' and ');
  return `Still open: ${open.map((invoice) => invoice.id).join(', ')}, ${totals} in all. You can pay with another card in your billing settings.`;
}

/** Sum of what is open, one amount for each currency. */
export function openTotals(invoices: readonly Invoice[]): Money[] {
  const totals = new Map<string, Money>();
  for (const { total, status } of invoices) {
    if (status !== 'open' && status !== 'uncollectible') continue;
    const before = totals.get(total.currency);
    totals.set(total.currency, before ? addMoney(before, total) : total);
  }
  return [...totals.values()];
}

function renewals(subscriptions: readonly Subscription[]): Examination {
  const facts = subscriptions
    .filter((subscription) => subscription.renewsAt && subscription.status !== 'cancelled')
    .map(
      (subscription) =>
        `Your ${subscription.plan} plan renews on ${day(subscription.renewsAt ?? '')} for ${formatMoney(subscription.price)} a ${subscription.interval}.`,
    );
  return facts.length > 0
    ? answered(facts, 0.88, 'Told from the subscription')
    : human(0.8, 'No subscription with a renewal date');
}

function plans(subscriptions: readonly Subscription[]): Examination {
  const facts = subscriptions.map(
    ({ plan, status, price, interval, seats }) =>
      `You are on the ${plan} plan (${status}) with ${seats} seats at ${formatMoney(price)} a ${interval}.`,
  );
  return facts.length > 0
    ? answered(facts, 0.82, 'Told from the subscription')
    : human(0.8, 'No subscription to tell about');
}

function invoiceFacts(invoice: Invoice): string[] {
  const paid = succeeded(invoice).map((payment) => `${formatMoney(payment.amount)} on ${day(payment.at)}`);
  const how = paid.length > 0 ? `paid: ${paid.join(', ')}` : `not paid yet (${invoice.status})`;
  return [`Invoice ${invoice.id} of ${day(invoice.issuedAt)} is for ${formatMoney(invoice.total)}, ${how}.`];
}

const answered = (facts: readonly string[], confidence: number, reason: string): Examination => ({
  verdict: 'answered',
  confidence,
  facts,
  evidence: facts.map((fact) => ({ fact, source: 'customers' })),
  actions: [],
  reason,
});

const human = (confidence: number, reason: string, actions: readonly ProposedAction[] = []): Examination => ({
  verdict: 'escalate',
  confidence,
  facts: [],
  evidence: [{ fact: reason, source: 'customers' }],
  actions,
  reason,
});
