export interface Entities {
  /** As written, for example `$19.00` or `49 EUR`. */
  readonly amounts: readonly string[];
  /** Upper case, for example `INV-2041`. */
  readonly invoices: readonly string[];
  readonly orders: readonly string[];
  readonly dates: readonly string[];
  readonly emails: readonly string[];
  readonly urls: readonly string[];
  readonly statusCodes: readonly string[];
  readonly errorCodes: readonly string[];
  readonly paths: readonly string[];
}

/** Longest text that is searched; every pattern below is linear in it. Characters. */
const MOST = 100_000;
/** At most this many of a kind: a hostile text could name thousands. */
const KEPT = 50;

// Each repetition is bounded or followed by a character that it cannot match, so that none backtracks far.
const PATTERNS: { readonly [K in keyof Entities]: RegExp } = {
  amounts:
    /(?:[$€£]\s?\d{1,9}(?:[.,]\d{1,3}){0,3}|\b\d{1,9}(?:[.,]\d{1,3}){0,3}\s?(?:USD|EUR|GBP|CHF|dollars|euros?|pounds))/gi,
  invoices: /\b(?:INV|FA|RE|BILL)[-_ #]?\d{2,12}(?:-\d{1,8})?\b/gi,
  orders: /\b(?:ORD|ORDER|TXN|TX|PAY|CH|PI)[-_#]\w{3,32}\b/gi,
  dates:
    /\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}|(?:\d{1,2}(?:st|nd|rd|th)?\s)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s\d{1,4})\b/gi,
  emails: /\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}\b/g,
  urls: /\bhttps?:\/\/[^\s<>"')\]]{1,2000}/gi,
  statusCodes:
    /\b(?:HTTP[ /]?|status(?: code)?[ :]{1,2}|error[ :]{1,2}|code[ :]{1,2}|a )?([45]\d\d)\b(?! ?(?:USD|EUR|GBP|dollars|users|seats|people))/gi,
  errorCodes: /\b(?:E[A-Z]{4,20}|ERR_[A-Z_]{3,60}|[A-Z][A-Za-z]{2,40}(?:Error|Exception))\b/g,
  paths: /(?<![\w/:.])\/(?:api|v\d)(?:\/[\w{}.:-]{1,80}){0,10}/g,
};

/** What a ticket names: amounts, invoices, codes, addresses. Never throws; each once, in order of appearance. */
export function extractEntities(text: string): Entities {
  const part = text.slice(0, MOST);
  const find = (kind: keyof Entities, normalise: (found: string) => string = (found) => found): string[] => {
    const found = new Set<string>();
    for (const match of part.matchAll(PATTERNS[kind])) {
      found.add(normalise(match[1] ?? match[0]));
      if (found.size >= KEPT) break;
    }
    return [...found];
  };
  return {
    amounts: find('amounts'),
    invoices: find('invoices', (id) => id.toUpperCase().replace(/^([A-Z]+)[-_ #]?/, '$1-')),
    orders: find('orders'),
    dates: find('dates'),
    emails: find('emails'),
    urls: find('urls'),
    statusCodes: find('statusCodes'),
    errorCodes: find('errorCodes'),
    paths: find('paths'),
  };
}
