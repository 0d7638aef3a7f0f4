/** Cuts a text into sentences. Linear in its length, and right often enough for tickets. */

export interface Sentence {
  text: string;
  /** Offset in the text, in UTF-16 units. */
  start: number;
}

/** Words that end in a dot without ending a sentence. */
const ABBREVIATIONS = new Set([
  'e.g',
  'i.e',
  'mr',
  'mrs',
  'ms',
  'dr',
  'no',
  'nr',
  'inv',
  'approx',
  'vs',
  'etc',
  'st',
  'inc',
  'ltd',
  'co',
]);

function endsSentence(text: string, at: number, start: number): boolean {
  const char = text[at];
  if (char === '\n') return true;
  if (char !== '.' && char !== '!' && char !== '?' && char !== '…') return false;
  const next = text[at + 1];
  if (next !== undefined && !/[\s"')\]]/.test(next)) return false; // 3.5, api.example.com, "?!"
  if (char !== '.') return true;
  let wordStart = at;
  while (wordStart > start && at - wordStart < 8 && !/\s/.test(text[wordStart - 1] ?? ' ')) wordStart--;
  return !ABBREVIATIONS.has(text.slice(wordStart, at).toLowerCase());
}

/** Up to `limit` sentences, without surrounding white space; line breaks also end one. */
export function splitSentences(text: string, limit = 400): Sentence[] {
  const sentences: Sentence[] = [];
  let start = 0;
  const add = (end: number) => {
    const raw = text.slice(start, end);
    const trimmed = raw.trim();
    if (trimmed !== '') sentences.push({ text: trimmed, start: start + raw.indexOf(trimmed[0] ?? '') });
    start = end;
  };
  for (let at = 0; at < text.length && sentences.length < limit; at++) {
    if (endsSentence(text, at, start)) add(at + 1);
  }
  if (sentences.length < limit) add(text.length);
  return sentences;
}
