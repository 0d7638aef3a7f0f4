/**
 * Brings digits, separators and wide forms of every script to ASCII, and drops characters that nobody sees, so that
 * the detectors need to know one form only. Indexes are kept: a find is quoted from the text as it was written.
 */

export interface Folded {
  text: string;
  /** Where the folded character at `index` begins in the text as written. */
  start(index: number): number;
  /** Where the folded text before `index` ends in the text as written. */
  end(index: number): number;
}

/** Zero of each decimal digit block in use (https://www.unicode.org/charts/, category Nd). */
const ZEROS = [
  0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0e50, 0x0ed0,
  0x0f20, 0x1040, 0x17e0, 0x1810, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6,
];
const INVISIBLE = /\u034f|[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/;
const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/;
const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63]/;

/** Length one, or empty for what nobody sees; undefined = as it is. */
function foldCharacter(character: string, code: number): string | undefined {
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCharCode(code - 0xfee0);
  if (INVISIBLE.test(character)) return '';
  if (SPACES.test(character)) return ' ';
  if (DASHES.test(character)) return '-';
  if (code === 0x2019 || code === 0x02bc) return "'";
  if (code === 0x2024 || code === 0x3002) return '.';
  const zero = ZEROS.find((first) => code >= first && code < first + 10);
  return zero === undefined ? undefined : String(code - zero);
}

const same = (index: number) => index;

/** Linear in the length of the text; a text of ASCII is returned as it is. */
export function fold(text: string): Folded {
  if (!/[\u0080-\uffff]/.test(text)) return { text, start: same, end: same };
  const starts = new Int32Array(text.length + 1);
  const ends = new Int32Array(text.length + 1);
  const seen = new Map<number, string | undefined>();
  const parts: string[] = [];
  let length = 0;
  for (let at = 0; at < text.length; ) {
    const code = text.codePointAt(at) ?? 0;
    const next = at + (code > 0xffff ? 2 : 1);
    const written = text.slice(at, next);
    let folded: string | undefined;
    if (code >= 0x80) {
      if (!seen.has(code)) seen.set(code, foldCharacter(written, code));
      folded = seen.get(code);
    }
    const part = folded ?? written;
    for (let unit = 0; unit < part.length; unit++) {
      starts[length + unit] = folded === undefined ? at + unit : at;
      ends[length + unit + 1] = folded === undefined ? at + unit + 1 : next;
    }
    parts.push(part);
    length += part.length;
    at = next;
  }
  starts[length] = text.length;
  return { text: parts.join(''), start: (index) => starts[index] ?? text.length, end: (index) => ends[index] ?? 0 };
}
