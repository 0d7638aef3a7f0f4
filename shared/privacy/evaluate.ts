/** How well personal data is found, on texts whose spans are known. */
import { findPersonalData } from './find.ts';
import type { PersonalDataKind } from './kinds.ts';

export interface PiiRow {
  full_text: string;
  /** Positions in Unicode code points, as Python counts them; `end_position` is exclusive. */
  spans: readonly { entity_type: string; start_position: number; end_position: number }[];
}

export interface PiiFigures {
  precision: number;
  recall: number;
  /** F with beta 2: a missed span weighs four times a wrong one. */
  f2: number;
}

export interface KindFigures extends PiiFigures {
  expected: number;
  found: number;
  matched: number;
}

export interface PiiEvaluation extends PiiFigures {
  byKind: Partial<Record<PersonalDataKind, KindFigures>>;
}

/** The kinds that the overall figures are about. */
export const MEASURED_KINDS: readonly PersonalDataKind[] = ['email', 'phone', 'card', 'iban', 'us-ssn', 'ip'];

/** Names that data sets give our kinds, without case and signs. */
const NAMES: Readonly<Record<PersonalDataKind, string>> = {
  email: 'email emailaddress mail',
  phone: 'phone phonenumber telephone telephonenumber telephonenum tel mobile',
  card: 'card creditcard creditcardnumber cardnumber',
  iban: 'iban ibancode',
  'us-ssn': 'usssn ssn socialsecuritynumber socialnumber',
  ip: 'ip ipaddress ipv4 ipv6',
  mac: 'mac macaddress',
  'national-id': 'nationalid idnumber uknhs nhs usitin esnif itfiscalcode plpesel inaadhaar brcpf sgnricfin',
  document: 'document usdriverlicense driverlicense driverslicense driverlicensenum passport uspassport passportnum',
  url: 'urlwithcredentials',
  secret: 'secret password apikey accesskey token',
  'birth-date': 'birthdate dateofbirth dob',
  address: 'address streetaddress postaladdress zipcode street zip postcode',
  name: 'name person fullname firstname lastname givenname surname per',
};
const KIND_BY_NAME = new Map(
  (Object.entries(NAMES) as [PersonalDataKind, string][]) // keys are those of the record above
    .flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)),
);

/** Our kind for a data set's `entity_type`, or undefined for one that is not looked for (a country, an age). */
export function kindOf(entityType: string): PersonalDataKind | undefined {
  return KIND_BY_NAME.get(entityType.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

function figures(expected: number, found: number, matchedExpected: number, matchedFound: number): PiiFigures {
  const precision = found === 0 ? 1 : matchedFound / found;
  const recall = expected === 0 ? 1 : matchedExpected / expected;
  const f2 = precision + recall === 0 ? 0 : (5 * precision * recall) / (4 * precision + recall);
  return { precision, recall, f2 };
}

type Range = readonly [start: number, end: number];

/** At least half of what both cover together is common to both. */
function overlapsByHalf([a, b]: Range, [c, d]: Range): boolean {
  const common = Math.min(b, d) - Math.max(a, c);
  return common > 0 && common * 2 >= Math.max(b, d) - Math.min(a, c);
}

/** Index in code points of each UTF-16 unit, and one past the end. */
function codePointIndexes(text: string): (unit: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (unit) => unit;
  const indexes = new Int32Array(text.length + 1);
  let point = 0;
  for (let unit = 0; unit < text.length; unit++) {
    indexes[unit] = point;
    if ((text.codePointAt(unit) ?? 0) > 0xffff) indexes[++unit] = point;
    point++;
  }
  indexes[text.length] = point;
  return (unit) => indexes[unit] ?? point;
}

/**
 * Counts a span as matched when one of the same kind shares half or more with it (of what both cover together). The
 * overall figures are over `MEASURED_KINDS`; `byKind` has every kind that was expected or found. A share of nothing is 1.
 */
export function evaluatePii(rows: readonly PiiRow[]): PiiEvaluation {
  const counts = new Map<PersonalDataKind, { expected: number; found: number; matched: number; right: number }>();
  const countOf = (kind: PersonalDataKind) => {
    const count = counts.get(kind) ?? { expected: 0, found: 0, matched: 0, right: 0 };
    counts.set(kind, count);
    return count;
  };
  for (const { full_text: text, spans } of rows) {
    const indexOf = codePointIndexes(text);
    const expected = new Map<PersonalDataKind, Range[]>();
    const found = new Map<PersonalDataKind, Range[]>();
    const push = (ranges: typeof expected, kind: PersonalDataKind, range: Range) => {
      const list = ranges.get(kind) ?? [];
      list.push(range);
      ranges.set(kind, list);
    };
    for (const { entity_type, start_position, end_position } of spans) {
      const kind = kindOf(entity_type);
      if (kind) push(expected, kind, [start_position, end_position]);
    }
    for (const { kind, start, end } of findPersonalData(text)) push(found, kind, [indexOf(start), indexOf(end)]);
    for (const kind of new Set([...expected.keys(), ...found.keys()])) {
      const [wanted, got] = [expected.get(kind) ?? [], found.get(kind) ?? []];
      const count = countOf(kind);
      count.expected += wanted.length;
      count.found += got.length;
      count.matched += wanted.filter((range) => got.some((other) => overlapsByHalf(range, other))).length;
      count.right += got.filter((range) => wanted.some((other) => overlapsByHalf(range, other))).length;
    }
  }
  const total = { expected: 0, found: 0, matched: 0, right: 0 };
  for (const kind of MEASURED_KINDS) {
    const count = countOf(kind);
    total.expected += count.expected;
    total.found += count.found;
    total.matched += count.matched;
    total.right += count.right;
  }
  const byKind: PiiEvaluation['byKind'] = {};
  for (const [kind, { expected, found, matched, right }] of [...counts].sort(([a], [b]) => a.localeCompare(b)))
    byKind[kind] = { ...figures(expected, found, matched, right), expected, found, matched };
  return { ...figures(total.expected, total.found, total.matched, total.right), byKind };
}
