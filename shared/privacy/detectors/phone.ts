/**
 * Telephone numbers. Some forms are nothing else (`+41 …`, `(555) 123-4567`, a national trunk 0 with groups); any other
 * row of digits must be called one by the words around it, and not by its next word an order or a version.
 */
import { after, before, lastEnd } from '../context.ts';
import type { Add } from '../kinds.ts';

/** One digit per repetition, so that there is one way to match and time stays linear. */
const CANDIDATE = /(?<![\w+]|\d[.,]|[A-Za-z]\.|[A-Za-z0-9_][-/])(?:\+ ?|\(\+?)?\d(?:[ .\-/()]{0,3}\d){5,20}/g;
const EXTENSION = /^(?: {0,2}(?:x|ext\.?|extension|#|poste|dw) {0,2}\d{1,6})(?!\w)/i;

const PREFIXED = /^\(?\+ ?[1-9]/;
const CERTAIN: readonly RegExp[] = [
  /^(?:1[ .-]?)?\(\d{3}\) {0,2}[ .-]?\d{3}[ .-]?\d{4}$/, // North America
  /^(?:(?:001|1)[ .-])?\d{3}[ .-]\d{3}[.-]\d{4}$/,
  /^(?:(?:001|1)[ .-])?[2-9]\d{2} \d{3} \d{4}$/,
  /^(?:(?:001|1)\.)?\d{3}\.\d{3}\.\d{4}$/,
  /^\(0?[1-9]\d{0,4}\) {0,1}[ /-]? ?\d{2,5}(?:[ .-]\d{2,5}){0,4}$/, // an area in parentheses
  /^0[1-9]\d{0,4}(?:[ ./-]{1,3}\d{2,8}){1,5}$/, // a trunk 0, then groups
  /^00[1-9]\d{0,2}(?:[ ./()-]{1,3}\d{1,8}){1,6}$/, // abroad, as dialled
];

const DATE = /^(?:(?:19|20)\d\d([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)?\d\d)(?: +-? ?\d{1,4})*$/;
const DOTTED_QUAD = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const DECIMAL = /^\d+\.\d+$/;
const ROUND_THE_CLOCK = /^24[ /]7\b/;

const NOUN =
  /(?:\b(?:tele|smart)?phones?\b|\btel\b|\bmob(?:ile)?\b|\bcell(?:ular|phone)?\b|\bfax\b|\blandline\b|\bhotline\b|\bvoice ?mail\b|\b(?:desk|office|direct|home|work|ph|t|m|f)(?: line)?\.?:|\bhandy\b|telefon|\btel[ée]fono\b|t[ée]l[ée]phone|\bm[óo]vil\b|\bcelular\b|\bwhats ?app\b|\bsms\b|телефон|電話|电话|手机)/gi;
/** Words that may stand between a verb and its number. */
const BETWEEN =
  "(?:[ :,-]{1,2}(?:me|us|him|her|them|you|back|to|at|on|in|under|via|by|from|for|please|now|my|our|his|their|your|the|this|new|old|number|no|nr|is|was|it's|al|au|unter|asap|directly|either|or|and)\\b){0,6}[ :.#-]{0,3}$";
const VERBS =
  'call(?:ed|ing|s)?|dial(?:l?ed|l?ing)?|ring|rang|phone[ds]?|text(?:ed|ing)?|reach(?:ed|able)?|contact(?:ed)?|messages?|answer(?:s|ing|ed)?|registered|pick(?:s|ing)? up|llam[ae](?:me|r)?|appelez|anrufen|rufen|ligue';
const VERB = new RegExp(`\\b(?:${VERBS})${BETWEEN}`, 'i');
const VERB_OR_NUMBER = new RegExp(`\\b(?:${VERBS}|number(?:'s| is| was)?)${BETWEEN}`, 'i');
/** What else a row of digits is often called. */
const OTHER =
  /\b(?:orders?|invoices?|tickets?|cases?|ref(?:erence)?|tracking|parcel|shipment|serial|sku|part|model|isbn|ean|accounts?|customer|client|user|request|trace|transaction|payment|batch|job|pid|process|build|version|port|timestamp|epoch|unix|id|ids|vat|policy|claim|member|licen[sc]e|passport|card|iban|ssn|zip|postcode|amount|total|balance|bytes|size|api calls?|function calls?|line|row|rows)\b/gi;
const AFTER = /^\)?[ ,(\\-]{0,4}(?:office|fax|mobile|mob|cell|home|work|desk|direct|phone|tel)\b/i;
const UNIT = /^ ?(?:€|\$|£|%|eur|usd|gbp|chf|bytes|[kmg]i?b\b|ms\b|rows|users|requests|items|times|x\b)/i;

/** Digits in `start..end` read as a telephone number? */
function isPhone(text: string, start: number, end: number): boolean {
  const written = text.slice(start, end);
  const count = written.replace(/\D/g, '').length;
  if (count < 6 || count > 15 || /^(?:\D*(\d))(?:\D*\1)+$/.test(written)) return false;
  if (DATE.test(written) || DOTTED_QUAD.test(written) || DECIMAL.test(written) || ROUND_THE_CLOCK.test(written))
    return false;
  if (written.split('(').length !== written.split(')').length) return false;
  if (UNIT.test(after(text, end, 10)) || /[$€£#] ?$/.test(before(text, start, 2))) {
    if (!/(?:phone|tel|mobile|fax|number) ?# ?$/i.test(before(text, start, 12))) return false;
  }
  if (PREFIXED.test(written)) return count >= 8;
  const lead = before(text, start);
  const other = lastEnd(lead, OTHER);
  const noun = lastEnd(lead, NOUN);
  const calledOther = other >= 0 && noun < other && lead.length - other < 24 && !/[.!?\n]/.test(lead.slice(other));
  if (CERTAIN.some((form) => form.test(written)) && count >= 8) return !calledOther;
  if (AFTER.test(after(text, end)) && count >= 6) return true;
  if (calledOther && !VERB.test(lead.slice(other))) return false;
  if (noun >= 0 && lead.length - noun < 40) return true;
  return (count >= 7 || /\d[ .-]/.test(written)) && VERB_OR_NUMBER.test(lead);
}

/** The whole candidate, or what is left without its first or last groups, which may belong to a neighbour. */
function phoneWithin(text: string, start: number, end: number): [start: number, end: number] | undefined {
  if (isPhone(text, start, end)) return [start, end];
  const gaps = [...text.slice(start, end).matchAll(/ +/g)].slice(0, 6);
  for (const gap of gaps) {
    const from = start + gap.index + gap[0].length;
    if (isPhone(text, from, end)) return [from, end];
  }
  for (const gap of gaps.reverse()) if (isPhone(text, start, start + gap.index)) return [start, start + gap.index];
  return undefined;
}

export function findPhones(text: string, add: Add): void {
  for (const match of text.matchAll(CANDIDATE)) {
    let end = match.index + match[0].length;
    const extension = EXTENSION.exec(after(text, end, 20))?.[0].length ?? 0;
    const follows = text.slice(end, end + 2);
    if (extension === 0 && /^(?:[\d_@]|[.,:]\d|[/=][A-Za-z0-9])/.test(follows)) continue;
    // A letter may follow only as a label (`-Office`).
    if (extension === 0 && /^[A-Za-z]/.test(follows) && !AFTER.test(after(text, end))) continue;
    const found = phoneWithin(text, match.index, end);
    if (!found) continue;
    if (found[1] === end) end += extension;
    else end = found[1];
    add('phone', found[0], end);
  }
}
