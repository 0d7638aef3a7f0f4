/** National ids. One with a check digit is taken when it passes; one whose form is common must also be called by name. */
import {
  isDay,
  passesCodiceFiscale,
  passesCpf,
  passesEan13,
  passesLuhn,
  passesMod11Comma10,
  passesVerhoeff,
  remainder,
  weighted,
} from '../checksums.ts';
import { isNamed } from '../context.ts';
import type { Add, PersonalDataKind } from '../kinds.ts';

interface IdForm {
  kind: PersonalDataKind;
  pattern: RegExp;
  /** Gets the capital letters and digits of the match alone. */
  valid: (id: string) => boolean;
  /** Words of which one must stand near; without it the form is telling enough. */
  named?: RegExp;
}

const LEFT = '(?<![\\w.,+-])';
const RIGHT = '(?![\\w-]|[.,]\\d)';
const form = (source: string) => new RegExp(`${LEFT}(?:${source})${RIGHT}`, 'gi');

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE';
const HETU_LETTERS = '0123456789ABCDEFHJKLMNPRSTUVWXY';

/** https://www.ssa.gov/employer/randomization.html: areas 000, 666 and 9xx, group 00 and serial 0000 are never given. */
const isSsn = (id: string) => !/^(?:000|666|9)/.test(id) && id.slice(3, 5) !== '00' && id.slice(5) !== '0000';
/** Individual tax numbers are written like social security numbers and start with 9. */
const isItin = (id: string) => !/^(\d)\1+$/.test(id) && /^9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])/.test(id);
const centuryDay = (yymmdd: string) =>
  isDay(2000 + Number(yymmdd.slice(0, 2)), Number(yymmdd.slice(2, 4)), Number(yymmdd.slice(4, 6)));

function isNir(id: string): boolean {
  const number = id.slice(0, 13).replace('2A', '19').replace('2B', '18');
  return /^\d{13}$/.test(number) && 97 - remainder(number, 97) === Number(id.slice(13));
}

function isSteuerId(id: string): boolean {
  const counts = new Map<string, number>();
  for (const digit of id.slice(0, 10)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  return id[0] !== '0' && counts.size >= 8 && counts.size <= 9 && passesMod11Comma10(id);
}

const FORMS: readonly IdForm[] = [
  { kind: 'us-ssn', pattern: form('\\d{3}-\\d{2}-\\d{4}'), valid: isSsn },
  {
    kind: 'us-ssn',
    pattern: form('\\d{3}[ .]?\\d{2}[ .]?\\d{4}'),
    valid: isSsn,
    named: /\bssn\b|\bsocial[ -]security\b|\bss ?(?:#|no|number)/i,
  },
  { kind: 'national-id', pattern: form('9\\d{2}-\\d{2}-\\d{4}'), valid: isItin },
  {
    kind: 'national-id', // UK, NHS number
    pattern: form('\\d{3}[ -]?\\d{3}[ -]?\\d{4}'),
    valid: (id) => (11 - (weighted(id, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === Number(id[9]),
    named: /\bnhs\b/i,
  },
  {
    kind: 'national-id', // UK, national insurance: no check digit, but letters that are never given
    pattern: form('(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: \\d{2} \\d{2} \\d{2} |\\d{6})[A-D]'),
    valid: () => true,
    named: /\bnational insurance\b|\bnino?\b|\bn\.i\./i,
  },
  {
    kind: 'national-id', // Germany, Steuer-IdNr.
    pattern: form('\\d{2} ?\\d{3} ?\\d{3} ?\\d{3}'),
    valid: isSteuerId,
    named: /steuer|\btax[ -]?id|\bidnr|\btin\b|\bidentifikationsnummer/i,
  },
  {
    kind: 'national-id', // Spain, DNI and NIE
    pattern: form('(?:\\d{8}|[XYZ][ -]?\\d{7})[ -]?[TRWAGMYFPDXBNJZSQVHLCKE]'),
    valid: (id) => {
      const number = id.slice(0, -1).replace(/^[XYZ]/, (letter) => String('XYZ'.indexOf(letter)));
      return DNI_LETTERS[Number(number) % 23] === id.at(-1);
    },
  },
  {
    kind: 'national-id', // France, NIR
    pattern: form('[1278] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}'),
    valid: isNir,
  },
  {
    kind: 'national-id', // Italy, codice fiscale; letters stand for digits where two people would share one
    pattern: form('[A-Z]{6}[\\dLMNP-V]{2}[ABCDEHLMPRST][\\dLMNP-V]{2}[A-Z][\\dLMNP-V]{3}[A-Z]'),
    valid: passesCodiceFiscale,
  },
  { kind: 'national-id', pattern: form('\\d{3}\\.\\d{3}\\.\\d{3}-\\d{2}'), valid: passesCpf }, // Brazil
  { kind: 'national-id', pattern: form('\\d{11}|\\d{9}-\\d{2}'), valid: passesCpf, named: /\bcpf\b/i },
  {
    kind: 'national-id', // Netherlands, BSN
    pattern: form('\\d{9}|\\d{3}[ .]\\d{3}[ .]\\d{3}|\\d{4}[ .]\\d{2}[ .]\\d{3}'),
    valid: (id) => weighted(id, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0,
    named: /\bbsn\b|burgerservice|sofi/i,
  },
  {
    kind: 'national-id', // Poland, PESEL
    pattern: form('\\d{11}'),
    valid: (id) => weighted(id, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0,
    named: /\bpesel\b/i,
  },
  {
    kind: 'national-id', // Sweden, personnummer
    pattern: form('(?:19|20)?\\d{6}[-+]\\d{4}'),
    valid: (id) => passesLuhn(id.slice(-10)) && centuryDay(id.slice(-10)),
  },
  {
    kind: 'national-id', // Finland, henkilötunnus
    pattern: form('\\d{6}[-+A-FU-Y]\\d{3}[0-9A-FHJ-NPR-Y]'),
    valid: (id) => {
      const digits = id.slice(0, 6) + id.slice(-4, -1);
      const real = isDay(2000 + Number(id.slice(4, 6)), Number(id.slice(2, 4)), Number(id.slice(0, 2)));
      return real && HETU_LETTERS[Number(digits) % 31] === id.at(-1);
    },
  },
  {
    kind: 'national-id', // Belgium; those born since 2000 have a 2 put before
    pattern: form('\\d{2}\\.\\d{2}\\.\\d{2}-\\d{3}\\.\\d{2}'),
    valid: (id) => ['', '2'].some((century) => 97 - remainder(century + id.slice(0, 9), 97) === Number(id.slice(9))),
  },
  { kind: 'national-id', pattern: form('756\\.?\\d{4}\\.?\\d{4}\\.?\\d{2}'), valid: passesEan13 }, // Switzerland, AHV
  {
    kind: 'national-id', // Canada, SIN
    pattern: form('\\d{3}[ -]?\\d{3}[ -]?\\d{3}'),
    valid: passesLuhn,
    named: /\bsin\b|\bsocial insurance\b/i,
  },
  {
    kind: 'national-id', // Australia, tax file number
    pattern: form('\\d{3} ?\\d{3} ?\\d{3}'),
    valid: (id) => weighted(id, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0,
    named: /\btfn\b|\btax file\b/i,
  },
  {
    kind: 'national-id', // India, Aadhaar
    pattern: form('[2-9]\\d{3}[ -]?\\d{4}[ -]?\\d{4}'),
    valid: passesVerhoeff,
    named: /\ba+dh?aa?r\b|\buid(?:ai)?\b/i,
  },
  {
    kind: 'national-id', // China, resident identity
    pattern: form('[1-9]\\d{16}[\\dX]'),
    valid: (id) =>
      isDay(Number(id.slice(6, 10)), Number(id.slice(10, 12)), Number(id.slice(12, 14))) &&
      '10X98765432'[weighted(id, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] === id[17],
  },
];

const DOCUMENT =
  /\b(?:passport|driv(?:er'?s?|ing) ?'?s? ?licen[sc]e|licen[sc]e (?:no|number)|identity card|id card|personalausweis|reisepass|pasaporte|passeport)(?: (?:number|no\.?|nr\.?|id))?(?: is| was)?[:# ]{1,3}(?=[A-Z]{0,3}[- ]?\d)([A-Z0-9][A-Z0-9-]{4,18}[A-Z0-9])(?![\w-])/gi;

export function findNationalIds(text: string, add: Add): void {
  for (const { kind, pattern, valid, named } of FORMS) {
    for (const { index, 0: written } of text.matchAll(pattern)) {
      const id = written.toUpperCase().replace(/[^A-Z0-9]/g, '');
      const end = index + written.length;
      if (valid(id) && (!named || isNamed(text, index, end, named))) add(kind, index, end);
    }
  }
  for (const { index, 0: whole, 1: id = '' } of text.matchAll(DOCUMENT))
    add('document', index + whole.length - id.length, index + whole.length);
}
