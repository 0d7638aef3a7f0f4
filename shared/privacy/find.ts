/** Finds personal data and secrets in a text. */
import { findAddresses } from './detectors/addresses.ts';
import { findCards, findIbans } from './detectors/bank.ts';
import { findBirthDates } from './detectors/birth-dates.ts';
import { findEmails } from './detectors/email.ts';
import { findNames } from './detectors/names.ts';
import { findNationalIds } from './detectors/national-ids.ts';
import { findNetworkAddresses } from './detectors/network.ts';
import { findPhones } from './detectors/phone.ts';
import { findSecrets } from './detectors/secrets.ts';
import { fold } from './fold.ts';
import { type Detector, PERSONAL_DATA_KINDS, type PersonalDataKind, type Span } from './kinds.ts';

const DETECTORS: readonly Detector[] = [
  findSecrets,
  findNetworkAddresses,
  findEmails,
  findIbans,
  findCards,
  findNationalIds,
  findPhones,
  findBirthDates,
  findAddresses,
  findNames,
];

/** Of two finds that overlap the one further up in the list of kinds stays, of one kind the longer. */
const RANK = new Map(PERSONAL_DATA_KINDS.map((kind, index) => [kind, index]));

interface Find {
  kind: PersonalDataKind;
  start: number;
  end: number;
}

function isStronger(a: Find, b: Find): boolean {
  const [rankA, rankB] = [RANK.get(a.kind) ?? 0, RANK.get(b.kind) ?? 0];
  return rankA !== rankB ? rankA < rankB : a.end - a.start > b.end - b.start;
}

/** One left-to-right pass; each find is compared with the last one kept. */
function withoutOverlaps(finds: Find[]): Find[] {
  finds.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Find[] = [];
  for (const find of finds) {
    let beaten = false;
    for (let last = kept.at(-1); last && last.end > find.start; last = kept.at(-1)) {
      if (!isStronger(find, last)) {
        beaten = true;
        break;
      }
      kept.pop();
    }
    if (!beaten) kept.push(find);
  }
  return kept;
}

/**
 * All personal data of a text, in order, without overlaps. Numbers with a check digit count only when it is right.
 * Never throws; linear: about a second for a megabyte.
 * @example findPersonalData('Mail jane@example.com') // [{ kind: 'email', start: 5, end: 21, value: 'jane@example.com' }]
 */
export function findPersonalData(text: string): Span[] {
  const folded = fold(text);
  const finds: Find[] = [];
  for (const detect of DETECTORS) {
    detect(folded.text, (kind, start, end) => {
      if (end > start) finds.push({ kind, start, end });
    });
  }
  return withoutOverlaps(finds).map(({ kind, start, end }) => {
    const [from, to] = [folded.start(start), folded.end(end)];
    return { kind, start: from, end: to, value: text.slice(from, to) };
  });
}
