import type { Customer, Invoice, Subscription } from '../../shared/domain/customer.ts';
import type { ProposedAction } from '../../shared/domain/finding.ts';
import { formatMoney } from '../../shared/domain/money.ts';
import { isHowTo, isQuestion } from '../../shared/knowledge/questions.ts';
import { type Examination, firstFit, human } from '../../shared/opinion.ts';
import { FOR_BOOKS, FOR_HUMANS, namesOtherPlan, OF_BILLING, TWICE } from './asks.ts';
import { dueSentences, invoiceSentence, invoicesMeant, planSentences, renewalSentences } from './books.ts';

/** Two successful payments of one invoice, or of equal invoices of one day, within this time are a double charge. */
export const DUPLICATE_WINDOW_HOURS = 72;
/** What billing never settles by itself. */
export const HUMAN_DECIDES = ['refund', 'credit', 'dispute', 'cancellation', 'tax', 'terms'] as const;

export interface Account {
  readonly customer: Customer;
  /** Newest first. */
  readonly invoices: readonly Invoice[];
  readonly subscriptions: readonly Subscription[];
}

/** A ticket as billing reads it. */
export interface Reading {
  /** All of the ticket: whatever a human has to see counts, wherever it stands. */
  readonly whole: string;
  /** What of it is about billing. */
  readonly part: string;
  /** Ids of invoices that it names. */
  readonly named: readonly string[];
}

type Payment = Invoice['payments'][number] & { readonly invoice: Invoice };

const REASONS: { readonly [N in keyof typeof FOR_HUMANS]: string } = {
  refund: 'The customer asks for money back',
  cancellation: 'The customer wants to end or change the subscription',
  tax: 'Questions of tax are answered by people',
  terms: 'The customer asks for other terms of payment or prices',
  dispute: 'The customer does not agree with a charge, or asks for its reason',
  paper: 'The customer asks for another invoice',
};

/**
 * What the books say to a billing question. Money that would have to move is proposed, never promised, and decided by a
 * human; a question that the books or an article answer is answered; everything else is handed over.
 */
export function examine({ whole, part, named }: Reading, account: Account): Examination {
  const unknown = named.find((id) => !account.invoices.some((invoice) => invoice.id === id));
  if (unknown) return human(`The customer names invoice ${unknown}, which is not among theirs`);
  const settled = forHumans(whole, named, account);
  if (settled) return settled;
  const articles: Examination = {
    kind: 'article',
    fits: speaksOfBilling,
    otherwise: 'Nothing in the books or articles answers this',
  };
  if (!isQuestion(part)) return human('Nothing is asked that the books could answer');
  if (
    named.length === 0 &&
    (isHowTo(part) ||
      namesOtherPlan(
        part,
        account.subscriptions.map(({ plan }) => plan),
      ))
  )
    return articles;
  return fromBooks(part, named, account) ?? articles;
}

const speaksOfBilling = ({ title, tags }: { title: string; tags: readonly string[] }): boolean =>
  OF_BILLING.test(`${title}, ${tags.join(', ')}`);

function forHumans(text: string, named: readonly string[], account: Account): Examination | undefined {
  const { invoices, subscriptions } = account;
  if (TWICE.test(text))
    return doubleCharge(named.length > 0 ? invoices.filter(({ id }) => named.includes(id)) : invoices);
  const asked = firstFit(FOR_HUMANS, text);
  if (!asked) return undefined;
  const actions =
    asked === 'refund'
      ? refundOf(invoices, named)
      : asked === 'cancellation'
        ? subscriptions.slice(0, 1).map(changeOf)
        : [];
  return human(REASONS[asked], { actions });
}

function fromBooks(
  text: string,
  named: readonly string[],
  { invoices, subscriptions }: Account,
): Examination | undefined {
  const asked = firstFit(FOR_BOOKS, text);
  if (!asked) return named.length > 0 ? explain(text, named, invoices) : undefined;
  if (asked === 'unpaid') return told(dueSentences(invoices));
  if (asked === 'status' || named.length > 0) return explain(text, named, invoices);
  return told(asked === 'renewal' ? renewalSentences(subscriptions) : planSentences(subscriptions));
}

const told = (facts: readonly string[]): Examination =>
  facts.length > 0
    ? { kind: 'records', reason: 'Told from the books', facts }
    : human('The books have nothing about this');

function explain(text: string, named: readonly string[], invoices: readonly Invoice[]): Examination {
  const meant = invoicesMeant(text, named, invoices);
  return findDuplicates(meant).length > 0 ? doubleCharge(meant) : told(meant.map(invoiceSentence));
}

function doubleCharge(invoices: readonly Invoice[]): Examination {
  const [pair] = findDuplicates(invoices);
  if (!pair) return human('The customer reports a double charge that the books do not show');
  const { first, second } = pair;
  const fact = `We found two payments of ${formatMoney(second.amount)}: ${paymentWords(first)}, and ${paymentWords(second)}.`;
  return human('The same amount was paid twice; a refund needs a human', {
    facts: [fact],
    actions: [refund(second, 'The same amount was paid twice')],
  });
}

const paymentWords = ({ id, at, invoice }: Payment): string => `${id} of ${day(at)} for invoice ${invoice.id}`;
const day = (iso: string): string => iso.slice(0, 10);

const succeeded = (invoice: Invoice): Payment[] =>
  invoice.payments.filter(({ status }) => status === 'succeeded').map((payment) => ({ ...payment, invoice }));

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

const refund = ({ id, amount }: Payment, reason: string): ProposedAction => ({
  tool: 'refund',
  reason,
  arguments: { paymentId: id, amount },
});

const refundOf = (invoices: readonly Invoice[], named: readonly string[]): ProposedAction[] =>
  invoices
    .filter(({ id }) => named.length === 0 || named.includes(id))
    .flatMap(succeeded)
    .slice(0, 1)
    .map((payment) => refund(payment, 'Asked for by the customer'));

const changeOf = ({ id }: Subscription): ProposedAction => ({
  tool: 'change_subscription',
  reason: 'Asked for by the customer',
  arguments: { subscriptionId: id },
});
