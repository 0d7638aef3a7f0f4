import type { Add } from '../kinds.ts';

const MONTH = '(?:jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\\p{L}{0,6}';
const DATE =
  '(?:\\d{1,2}[./-]\\d{1,2}[./-](?:19|20)?\\d{2}|(?:19|20)\\d{2}[./-]\\d{1,2}[./-]\\d{1,2}|' +
  `\\d{1,2}(?:st|nd|rd|th|\\.)? (?:of |de )?${MONTH}\\.?,? (?:de )?(?:19|20)\\d{2}|${MONTH}\\.? \\d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\\d{2})`;
/** A date is a birth date only where the words say so. */
const BORN = new RegExp(
  '(?<!\\p{L})(?:date of birth|birth ?date|birthday|d\\.?o\\.?b\\.?|born|geboren|geb\\.|geburtsdatum|nacid[oa]|fecha de nacimiento|née?|date de naissance|nat[oa]|data di nascita|data de nascimento|nascid[oa])' +
    `[^\\d\\n]{0,24}?[\\s:]{1,2}(${DATE})(?![\\d])`,
  'giu',
);

export function findBirthDates(text: string, add: Add): void {
  for (const { index, 0: whole, 1: date = '' } of text.matchAll(BORN))
    add('birth-date', index + whole.length - date.length, index + whole.length);
}
