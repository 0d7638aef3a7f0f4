import type { Customer, Invoice, Subscription } from '../../shared/domain/customer.ts';
import { addMoney, formatMoney, type Money } from '../../shared/domain/money.ts';

/** Sentences that say what the books say, and nothing that they do not. */

const day = (iso: string): string => iso.slice(0, 10);
const isOpen = ({ status }: Invoice): boolean => status === 'open' || status === 'uncollectible';

/** Sum of what is open, one amount for each currency. */
export function openTotals(invoices: readonly Invoice[]): Money[] {
  const totals = new Map<string, Money>();
  for (const { total } of invoices.filter(isOpen)) {
    const before = totals.get(total.currency);
    totals.set(total.currency, before ? addMoney(before, total) : total);
  }
  return [...totals.values()];
}

export function invoiceSentence({ id, issuedAt, total, status, payments }: Invoice): string {
  const list = (wanted: 'succeeded' | 'pending'): string =>
    payments
      .filter((payment) => payment.status === wanted)
      .map(({ amount, at }) => `${formatMoney(amount)} on ${day(at)}`)
      .join(', ');
  const [paid, pending] = [list('succeeded'), list('pending')];
  const unpaid = `not paid yet (${status}${pending ? `; pending: ${pending}` : ''})`;
  return `Invoice ${id} of ${day(issuedAt)} is for ${formatMoney(total)}, ${paid ? `paid: ${paid}` : unpaid}.`;
}

/** What is due, and the latest payment that failed with what became of its invoice. */
export function dueSentences(invoices: readonly Invoice[]): string[] {
  const failures = invoices
    .flatMap((invoice) => invoice.payments.map((payment) => ({ ...payment, invoice })))
    .filter(({ status }) => status === 'failed')
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const [latest] = failures;
  return [
    ...(latest
      ? [
          `The payment of ${formatMoney(latest.amount)} for invoice ${latest.invoice.id} on ${day(latest.at)} failed.`,
          ...(isOpen(latest.invoice) ? [] : [invoiceSentence(latest.invoice)]),
        ]
      : []),
    openSentence(invoices),
  ];
}

function openSentence(invoices: readonly Invoice[]): string {
  const open = invoices.filter(isOpen);
  if (open.length === 0) return 'No invoice is open; nothing is due.';
  return `Still open: ${open.map(({ id }) => id).join(', ')}, ${openTotals(open).map(formatMoney).join(' and ')} in all.`;
}

export const renewalSentences = (subscriptions: readonly Subscription[]): string[] =>
  subscriptions.flatMap(({ plan, status, renewsAt, price, interval }) =>
    renewsAt && status !== 'cancelled'
      ? [`Your ${plan} plan renews on ${day(renewsAt)} for ${formatMoney(price)} a ${interval}.`]
      : [],
  );

export const planSentences = ({ seatsUsed }: Customer, subscriptions: readonly Subscription[]): string[] =>
  subscriptions.map(({ plan, status, price, interval, seats }) => {
    const used = seatsUsed === undefined ? '' : `, ${seatsUsed} of them in use,`;
    return `You are on the ${plan} plan (${status})${seats > 0 ? ` with ${seats} seats${used}` : ''} at ${formatMoney(price)} a ${interval}.`;
  });

const MONTHS = 'january february march april may june july august september october november december'.split(' ');

/** Numbers of the months that a text names, 1 to 12. "may" in small letters is the verb. */
const monthsIn = (text: string): number[] =>
  MONTHS.flatMap((month, i) =>
    (month === 'may' ? /\bMay\b/ : new RegExp(`\\b${month}\\b`, 'i')).test(text) ? [i + 1] : [],
  );

const bare = (id: string): string => id.replace(/[^a-z0-9]/gi, '').toUpperCase();

/** The ids of invoices that are written in some form, "INV-2041", "inv 2041" or "2041"; unknown ones as written. */
export const idsOf = (written: readonly string[], invoices: readonly Invoice[]): string[] =>
  written.map((name) => {
    const meant = invoices.find(({ id }) => [bare(id), bare(id).replace(/^[A-Z]+/, '')].includes(bare(name)));
    return meant?.id ?? name;
  });

/**
 * The invoices that a text is about: those that it names, or those of the months that it names, or else the newest.
 * @param named ids of invoices that the text names
 */
export function invoicesMeant(text: string, named: readonly string[], invoices: readonly Invoice[]): Invoice[] {
  if (named.length > 0) return invoices.filter(({ id }) => named.includes(id));
  const months = monthsIn(text);
  if (months.length === 0) return invoices.slice(0, 1);
  return invoices.filter(({ issuedAt }) => months.includes(Number(issuedAt.slice(5, 7))));
}
