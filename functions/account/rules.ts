import type { Customer, Subscription } from '../../shared/domain/customer.ts';
import type { ProposedAction } from '../../shared/domain/finding.ts';

export interface Examination {
  readonly verdict: 'answered' | 'escalate';
  readonly confidence: number;
  readonly facts: readonly string[];
  readonly actions: readonly ProposedAction[];
  readonly reason: string;
  /** Whether the knowledge base may answer instead. */
  readonly searchable: boolean;
}

const ASKS = {
  /** Changes who can get in, or what remains of the account: never without a human who has made sure who asks. */
  access:
    /\b(lost|stolen|hacked|compromised|unauthori[sz]ed|someone else|new phone|locked out|can(no|')?t (log|sign) ?in|unlock|transfer|ownership|owner left|delete|close|erase|gdpr|remove (my|our) (account|data))\b/i,
  suspended: /\b(suspend|blocked|disabled|deactivat|re-?activat|frozen)/i,
  seats: /\b(seats?|licen[cs]es?|how many (users|members|people)|user limit)\b/i,
  plan: /\b(which|what|current|our|my) (plan|tier|subscription)\b/i,
  profile: /\b(which|what) (e-?mail|name|address|region)\b/i,
} as const;

/** What the customer's record says to a question about the account. */
export function examine(text: string, customer: Customer, subscriptions: readonly Subscription[]): Examination {
  if (ASKS.suspended.test(text)) return suspension(customer, subscriptions);
  if (ASKS.access.test(text))
    return human('Access and ownership change only after a human has made sure who asks', [access(customer)]);
  const facts: string[] = [];
  const [subscription] = subscriptions;
  if (ASKS.seats.test(text) && subscription) facts.push(seatSentence(customer, subscription));
  if (ASKS.plan.test(text) && subscription)
    facts.push(`You are on the ${subscription.plan} plan; the subscription is ${subscription.status}.`);
  if (ASKS.profile.test(text))
    facts.push(`Your account is registered as ${customer.name}${customer.region ? ` in ${customer.region}` : ''}.`);
  if (facts.length > 0)
    return {
      verdict: 'answered',
      confidence: 0.85,
      facts,
      actions: [],
      reason: 'Told from the customer record',
      searchable: false,
    };
  return { ...human('The record does not answer this', []), searchable: true };
}

function suspension(customer: Customer, subscriptions: readonly Subscription[]): Examination {
  if (customer.status === 'active' && subscriptions.every(({ status }) => status !== 'suspended'))
    return human('The customer reports a suspension that the record does not show', []);
  const action: ProposedAction = {
    tool: 'reactivate_account',
    reason: 'Asked for by the customer',
    arguments: { customerId: customer.id },
  };
  return human('The account is suspended; a human decides on re-activation', [action]);
}

const access = (customer: Customer): ProposedAction => ({
  tool: 'reset_access',
  reason: 'Asked for by the sender',
  arguments: { customerId: customer.id },
});

function seatSentence(customer: Customer, subscription: Subscription): string {
  const used = customer.seatsUsed === undefined ? '' : `, ${customer.seatsUsed} of them in use`;
  return `Your ${subscription.plan} plan has ${subscription.seats} seats${used}.`;
}

const human = (reason: string, actions: readonly ProposedAction[]): Examination => ({
  verdict: 'escalate',
  confidence: 0.85,
  facts: [],
  actions,
  reason,
  searchable: false,
});
