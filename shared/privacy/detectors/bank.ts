/** Payment cards (ISO/IEC 7812) and bank accounts (ISO 13616). */
import { passesIban, passesLuhn } from '../checksums.ts';
import { isNamed } from '../context.ts';
import type { Add } from '../kinds.ts';

const CARD = /(?<![\d.,$€£]|[A-Za-z_]|\d[-/])\d(?:[ -]{0,2}\d){11,22}(?![\d]|[.,]\d)/g;
const CARD_WORDS =
  /\b(?:cards?|cc|credit|debit|visa|master ?card|maestro|amex|american express|diners|discover|jcb|carte|karte|kreditkarte|tarjeta|carta|cartão)\b/i;

/** Issuers by first digits and length (https://en.wikipedia.org/wiki/Payment_card_number). */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [13, 16, 18, 19]],
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|095|[689])/, [14, 16, 17, 18, 19]],
  [/^(?:6011|64[4-9]|65|622)/, [16, 17, 18, 19]],
  [/^(?:2131|1800)/, [15]],
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]],
  [/^(?:5[06-9]|6[0-9])/, [12, 13, 14, 15, 16, 17, 18, 19]],
  [/^(?:62|81)/, [16, 17, 18, 19]],
  [/^220[0-4]/, [16, 17, 18, 19]],
];

/** How near a word for a card stands: just before or after, in the neighbourhood, or nowhere. */
type Nearness = 'beside' | 'near' | 'far';

function isCard(digits: string, nearness: Nearness): boolean {
  if (!passesLuhn(digits) || /^(\d)\1+$/.test(digits)) return false;
  if (nearness === 'beside') return true;
  // Twelve or thirteen digits with a right last one are as often an article or an order: those must be called a card.
  if (digits.length < 14 && nearness === 'far') return false;
  return ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length));
}

export function findCards(text: string, add: Add): void {
  for (const match of text.matchAll(CARD)) {
    const end = match.index + match[0].length;
    const isWithin = (window: number) => isNamed(text, match.index, end, CARD_WORDS, window);
    const nearness = isWithin(40) ? 'beside' : isWithin(120) ? 'near' : 'far';
    // A security code or an expiry may follow the number, an index precede it: try runs of whole groups.
    const groups = [...match[0].matchAll(/\d+/g)];
    search: for (let size = groups.length; size > 0; size--) {
      for (let first = 0; first + size <= groups.length; first++) {
        const run = groups.slice(first, first + size);
        const last = run.at(-1);
        if (!last || !isCard(run.map(([digits]) => digits).join(''), nearness)) continue;
        add('card', match.index + (run[0]?.index ?? 0), match.index + last.index + last[0].length);
        break search;
      }
    }
  }
}

/** Length of an IBAN by country (https://www.swift.com/standards/data-standards/iban-international-bank-account-number). */
const IBAN_LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 ' +
    'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 ' +
    'LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 ' +
    'RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

const IBAN_START = /(?<![A-Za-z0-9])[A-Za-z]{2} ?\d{2}/g;

export function findIbans(text: string, add: Add): void {
  for (const match of text.matchAll(IBAN_START)) {
    const length = IBAN_LENGTHS[match[0].slice(0, 2).toUpperCase()];
    if (length === undefined) continue;
    let iban = '';
    let end = match.index;
    // Groups are written apart by one space or hyphen; whatever follows the country's length is another word.
    for (; iban.length < length && end < text.length; end++) {
      const character = text[end] ?? '';
      if (/[A-Za-z0-9]/.test(character)) iban += character.toUpperCase();
      else if (!/[ -]/.test(character) || !/[A-Za-z0-9]/.test(text[end + 1] ?? '')) break;
    }
    if (iban.length !== length || /[A-Za-z0-9]/.test(text[end] ?? '') || !passesIban(iban)) continue;
    add('iban', match.index, end);
  }
}
