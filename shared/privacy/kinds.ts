/** What counts as personal data here, in the words that placeholders use. */
export const PERSONAL_DATA_KINDS = [
  'secret',
  'url',
  'email',
  'iban',
  'card',
  'us-ssn',
  'national-id',
  'document',
  'ip',
  'mac',
  'phone',
  'birth-date',
  'address',
  'name',
] as const;
export type PersonalDataKind = (typeof PERSONAL_DATA_KINDS)[number];

/** One piece of personal data: `text.slice(start, end) === value`, in UTF-16 units. */
export interface Span {
  kind: PersonalDataKind;
  start: number;
  end: number;
  value: string;
}

/** What a detector calls for each find, with indexes of the folded text. */
export type Add = (kind: PersonalDataKind, start: number, end: number) => void;

/** Looks through a folded text in time linear in its length. */
export type Detector = (text: string, add: Add) => void;
