import type { Customer, Subscription } from '../../shared/domain/customer.ts';
import type { ProposedAction } from '../../shared/domain/finding.ts';
import { isQuestion } from '../../shared/knowledge/questions.ts';
import { type Examination, firstFit, human } from '../../shared/specialists/opinion.ts';

export interface AccountRecord {
  readonly customer: Customer;
  readonly subscriptions: readonly Subscription[];
}

/** Who can get in, or what remains of the account: never without a human who has made sure who asks. */
const ACCESS = {
  lostFactor:
    /\b(lost|stolen|new phone|never saved|without (my|the|a) phone|no (recovery|backup) codes?|(codes?|everything) (is|are|was|were) refused|refused (every|each)|(turn|switch)\b[^.?!]{0,20}\boff for (me|my|him|her))\b/i,
  lockedOut:
    /\b(locked out|can(no|')?t (log|sign) ?in|unlock|get (back )?in(to)? (my|our|the) (account|workspace)|into (my|our) account again)\b/i,
  intruder:
    /\b(hacked|compromised|unauthori[sz]ed|someone else|(someone|somebody)\b[^.?!]{0,30}\b(changed|has|logged|gave|given)|logged in to (my|our)|(sign|log)[- ]?in from (a|an|another)|banned|ex[- ]?employee)\b/i,
  owner:
    /\b(transfer|ownership|owner left|only owner|(make|put|name|change|new)\b[^.?!]{0,40}\b(owner|admin of (the|our))|claimed by another|passed away|died)\b/i,
  end: /\b(delete|close|erase|gdpr|deleted (my|our|the) (account|workspace)|removed from|personal data|merge|both together|remove (my|our) (account|data)|remove (everything|all data))\b/i,
} as const;

const SUSPENDED = /\b(suspend|blocked|disabled|deactivat|re-?activat|frozen)/i;

/** What the record answers; several may be asked at once. */
const FOR_RECORD = {
  seats: /\b(seats?|licen[cs]es?|how many (users|members|people)|user limit)\b/i,
  plan: /\b(which|what) (plan|tier|subscription)\b|\b(plan|tier|subscription) (am i|are we|is (my|our))\b/i,
  profile: /\b(which|what) (name|region)\b/i,
} as const;

/**
 * What the customer's record says to a question about the account.
 * @param ticket its whole text, for what a human has to see, and the part of it that is about the account
 */
export function examine(ticket: { readonly whole: string; readonly part: string }, record: AccountRecord): Examination {
  if (SUSPENDED.test(ticket.whole)) return suspension(record);
  if (firstFit(ACCESS, ticket.whole))
    return human('Access and ownership change only after a human has made sure who asks', {
      actions: [action('reset_access', record.customer)],
    });
  const facts = isQuestion(ticket.part) ? factsFor(ticket.part, record) : [];
  return facts.length > 0
    ? { kind: 'records', reason: 'Told from the customer record', facts }
    : { kind: 'article', otherwise: 'Neither the record nor an article answers this' };
}

function factsFor(text: string, { customer, subscriptions }: AccountRecord): string[] {
  const [subscription] = subscriptions;
  return [
    ...(FOR_RECORD.seats.test(text) && subscription ? [seatSentence(customer, subscription)] : []),
    ...(FOR_RECORD.plan.test(text) && subscription
      ? [`You are on the ${subscription.plan} plan; the subscription is ${subscription.status}.`]
      : []),
    ...(FOR_RECORD.profile.test(text)
      ? [`Your account is registered as ${customer.name}${customer.region ? ` in ${customer.region}` : ''}.`]
      : []),
  ];
}

function suspension({ customer, subscriptions }: AccountRecord): Examination {
  if (customer.status === 'active' && subscriptions.every(({ status }) => status !== 'suspended'))
    return human('The customer reports a suspension that the record does not show');
  return human('The account is suspended; a human decides on re-activation', {
    actions: [action('reactivate_account', customer)],
  });
}

const action = (tool: string, customer: Customer): ProposedAction => ({
  tool,
  reason: 'Asked for by the sender',
  arguments: { customerId: customer.id },
});

function seatSentence(customer: Customer, subscription: Subscription): string {
  const used = customer.seatsUsed === undefined ? '' : `, ${customer.seatsUsed} of them in use`;
  return `Your ${subscription.plan} plan has ${subscription.seats} seats${used}.`;
}
