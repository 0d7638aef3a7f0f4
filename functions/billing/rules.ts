import type { Customer, Invoice, Subscription } from '../../shared/domain/customer.ts';
import type { ProposedAction } from '../../shared/domain/finding.ts';
import { formatMoney } from '../../shared/domain/money.ts';
import { isHowTo, isQuestion } from '../../shared/knowledge/questions.ts';
import { type Examination, firstFit, human } from '../../shared/specialists/opinion.ts';
import { FOR_BOOKS, FOR_HUMANS, namesOtherPlan, OF_BILLING, PAPER_OR_PAYMENT, TWICE } from './asks.ts';
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
  if (!isQuestion(part)) return human('Nothing is asked that the books could answer');
  const ownPlans = account.subscriptions.map(({ plan }) => plan);
  const general = named.length === 0 && (isHowTo(part) || namesOtherPlan(part, ownPlans));
  return (general ? undefined : fromBooks(part, named, account)) ?? FROM_ARTICLES;
}

const FROM_ARTICLES: Examination = {
  kind: 'article',
  fits: ({ title, tags }) => OF_BILLING.test(`${title}, ${tags.join(', ')}`),
  otherwise: 'Nothing in the books or articles answers this',
};

function forHumans(text: string, named: readonly string[], account: Account): Examination | undefined {
  const { subscriptions } = account;
  const invoices = named.length > 0 ? account.invoices.filter(({ id }) => named.includes(id)) : account.invoices;
  if (TWICE.test(text)) return doubleCharge(invoices);
  const asked = firstFit(FOR_HUMANS, text);
  if (asked === 'refund')
    return human(REASONS.refund, { actions: invoices.flatMap(succeeded).slice(0, 1).map(asAsked) });
  if (asked === 'cancellation')
    return human(REASONS.cancellation, { actions: subscriptions.slice(0, 1).map(changeOf) });
  return asked && human(REASONS[asked]);
}

function fromBooks(text: string, named: readonly string[], account: Account): Examination | undefined {
  const { customer, invoices, subscriptions } = account;
  if (FOR_BOOKS.unpaid.test(text)) return told(dueSentences(invoices));
  if (named.length > 0 || (FOR_BOOKS.status.test(text) && PAPER_OR_PAYMENT.test(text)))
    return explain(invoicesMeant(text, named, invoices));
  const [renewal, plan] = [FOR_BOOKS.renewal.test(text), FOR_BOOKS.plan.test(text)];
  if (!renewal && !plan) return undefined;
  return told([
    ...(plan ? planSentences(customer, subscriptions) : []),
    ...(renewal ? renewalSentences(subscriptions) : []),
  ]);
}

const told = (facts: readonly string[]): Examination =>
  facts.length > 0
    ? { kind: 'records', reason: 'Told from the books', facts }
    : human('The books have nothing about this');

const explain = (meant: readonly Invoice[]): Examination =>
  findDuplicates(meant).length > 0 ? doubleCharge(meant) : told(meant.map(invoiceSentence));

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

const asAsked = (payment: Payment): ProposedAction => refund(payment, 'Asked for by the customer');

const changeOf = ({ id }: Subscription): ProposedAction => ({
  tool: 'change_subscription',
  reason: 'Asked for by the customer',
  arguments: { subscriptionId: id },
});
