/** What only people settle: money back, contracts, prices and papers that would have to change. */
export const FOR_HUMANS = {
  refund:
    /\b(refund|money (back|returned)|reimburse|compensat\w+|credit (me|us|my|our)|chargeback|give (it|that|this|us|me) back|(expect|want|get|take|return|give)\b[^.?!]{0,60}\b(back|returned)|back (the|our|my) money)/i,
  cancellation:
    /\b(cancel|terminat|downgrad|stop (my|our|the) subscription|(will|do|would) not (extend|renew)|(won't|don't want to) (extend|renew)|(move|switch|put|change) (me|us|our \w+) (to|back)\b)/i,
  tax: /\b(vat|tax|taxes|gst|reverse charge|tax[- ]exempt)\b/i,
  terms:
    /\b(what discount|discount (can|could|would) you|payment terms|\d+ days to pay|net ?\d\d|negotiat\w+|quote|sign for|(two|three|five|\d)[- ]years? contract|extend the|due date|(can ?no|can')t pay|unable to pay|wait (until|till|for the payment)|pay (later|in instal\w+)|try (again|to collect)|collect again)\b/i,
  dispute:
    /\b(dispute|why|explain|higher|more expensive|increase[ds]?|overcharg\w+|nobody\b[^.?!]{0,20}\bordered|(never|not|didn't) (asked?|order(ed)?|book(ed)?|bought|buy)|don'?t recogni[sz]e|mistake|incorrect|penalty|late fee|surcharge|wrong|although|instead of (the )?\d|correct (that|this|it|the)|fix (that|this|it)|(our|my|the) contract says)\b/i,
  paper:
    /\b(re-?issue|issue (it|us|me|a)|(new|corrected|another|separate) invoice|credit note|purchase order number)\b/i,
} as const;

/** Says that money was taken more often than once. */
export const TWICE =
  /\b(twice|double|duplicate[ds]?|two (times|payments|charges|debits|invoices|bills)|second (charge|payment|debit)|charged again|(took|taken|debited)\b[^.?!]{0,40}\bagain|once more)\b/i;

/** What the books answer: what is due, how an invoice stands, what the subscription is and when it renews. */
export const FOR_BOOKS = {
  unpaid:
    /\b((payment|card|charge|invoice|transfer|debit)\b[^.?!]{0,40}\b(declin\w+|fail\w*|rejected|did ?n[o']t go through)|(failed|declined|rejected) (payment|card|charge)|past due|overdue|owe|outstanding)\b/i,
  renewal:
    /\b(when|what (date|day)|which (date|day)|date|amount|how much)\b.*\b(renew\w*|next\b.{0,12}\b(charge|payment|bill|invoice)|trial|(charge|bill) (me|us|my|our)|be (charged|billed))|\b(renew\w*|next\b.{0,12}\b(charge|payment|bill|invoice)|trial)\b.*\b(when|date|amount|how much)\b/i,
  plan: /\b(which|what) (plan|subscription)\b|\b(plan|subscription) (am i|are we)\b|\bhow many seats\b|\b(what|how much)\b[^.?!]{0,30}\b((do|are|am) (we|i) pay(ing)?|does (our|my) (plan|subscription) cost)\b|\b(do|are|am) (we|i) pay(ing)? (monthly|yearly|by the (month|year))\b/i,
  status:
    /\b(has|have|had|did|is|was|were|are|if|whether)\b[^.?!]{0,80}\b(paid|settled|arrived?|received|come through|(go|gone|went) through|unpaid|open)\b|\bhow much (was|is)\b[^.?!]*\b(invoice|bill)\b/i,
} as const;

/** What a question of status has to be about. */
export const PAPER_OR_PAYMENT = /\b(invoices?|bills?|payments?|wire|transfer(red)?|money|cheque|receipts?)\b/i;

/** Whether an article speaks of billing: others do not answer its questions. */
export const OF_BILLING = /\b(invoices?|receipts?|billing|payments?|credit cards?|plans?|pricing|prices?)\b/i;

/** Names in front of "plan" that say no plan's name. */
const NO_NAME = /^(The|Our|My|Your|This|That|Which|What|Is|A|An|Current|New)$/;

/** Whether a text names a plan that is not among these, as "the Team plan" or "Team and Business plans". */
export function namesOtherPlan(text: string, own: readonly string[]): boolean {
  const named = [...text.matchAll(/\b([A-Z]\w+)(?: (?:and|or) ([A-Z]\w+))? (?:plans?|tier)\b/g)];
  return named
    .flatMap(([, first, second]) => [first, second])
    .some((name) => name !== undefined && !NO_NAME.test(name) && !own.includes(name));
}
