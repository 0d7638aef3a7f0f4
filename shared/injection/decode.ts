/** What a text carries besides what a reader sees: encoded pieces and hidden markup, decoded. */

export interface Hidden {
  how: 'base64' | 'hex' | 'percent' | 'tags' | 'cipher' | 'reversed' | 'morse' | 'comment' | 'markup';
  text: string;
}

const MOST_PIECES = 40;
const LONGEST_PIECE = 4_096;

/** Readable: nearly all printable, and some letters with a blank between them. */
function isText(text: string): boolean {
  const printable = text.match(/[\p{L}\p{N}\p{P}\p{S}\s]/gu)?.length ?? 0;
  return !text.includes('\ufffd') && printable >= text.length * 0.95 && /\p{L}{2,} +\p{L}{1,}/u.test(text);
}

function* encoded(text: string): Generator<Hidden> {
  for (const [piece] of text.matchAll(/(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,4096}={0,2}/g)) {
    if (/^[a-z]+$|^[A-Z]+$|^\d+$/.test(piece)) continue;
    const decoded = Buffer.from(piece, 'base64').toString('utf8');
    if (isText(decoded)) yield { how: 'base64', text: decoded };
  }
  for (const [piece] of text.matchAll(/(?<![0-9A-Za-z])(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ ,:]?){10,1024}(?![0-9A-Za-z])/g)) {
    const decoded = Buffer.from(piece.replace(/0x|\\x|[ ,:]/g, ''), 'hex').toString('utf8');
    if (isText(decoded) || /^[a-z]{8,}$/i.test(decoded)) yield { how: 'hex', text: decoded };
  }
  for (const [piece] of text.matchAll(/(?:[\w.~-]{0,40}%[0-9A-Fa-f]{2}){4,256}[\w.~-]{0,200}/g)) {
    try {
      const decoded = decodeURIComponent(piece);
      if (isText(decoded)) yield { how: 'percent', text: decoded };
    } catch {
      // Not UTF-8: nothing that a model would read either.
    }
  }
}

function* hiddenMarkup(text: string): Generator<Hidden> {
  for (let at = text.indexOf('<!--'); at >= 0; ) {
    const close = text.indexOf('-->', at + 4);
    const end = close < 0 ? text.length : close;
    yield { how: 'comment', text: text.slice(at + 4, Math.min(end, at + LONGEST_PIECE)) };
    at = close < 0 ? -1 : text.indexOf('<!--', end);
  }
  const HIDING =
    /<[a-z][^<>]{0,400}(?:display ?: ?none|visibility ?: ?hidden|font-size ?: ?0|opacity ?: ?0(?![.\d])|color ?: ?(?:white|#fff\b|#ffffff)|aria-hidden="true"| hidden(?=[ >]))[^<>]{0,200}>([^<]{1,2000})/gi;
  for (const [, inside = ''] of text.matchAll(HIDING)) yield { how: 'markup', text: inside };
}

/** Tag characters (U+E0000) are drawn by nothing and read by models. */
function fromTags(text: string): string {
  let out = '';
  for (const [tag] of text.matchAll(/[\u{e0020}-\u{e007e}]/gu))
    out += String.fromCharCode((tag.codePointAt(0) ?? 0) - 0xe0000);
  return out;
}

const TELLING = [
  'ignore',
  'instruction',
  'instructions',
  'previous',
  'password',
  'prompt',
  'system',
  'secret',
  'reveal',
  'state',
  'disregard',
  'conclusion',
  'answer',
  'what',
  'that',
  'your',
  'rules',
  'forget',
];
const shifted = (word: string, by: number) =>
  word.replace(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + by + 26) % 26) + base);
  });
/** Each telling word under each shift, to the shift that undoes it. */
const SHIFTS = new Map(
  Array.from({ length: 25 }, (_, i) => i + 1).flatMap((by) =>
    TELLING.map((word) => [shifted(word, by), 26 - by] as const),
  ),
);
for (const word of TELLING) SHIFTS.delete(word);

/** A shift by which at least three different words become telling ones. */
function* ciphered(text: string): Generator<Hidden> {
  const hits = new Map<number, Set<string>>();
  for (const [word] of text.toLowerCase().matchAll(/(?<![a-z])[a-z]{4,12}(?![a-z])/g)) {
    const by = SHIFTS.get(word);
    if (by === undefined) continue;
    const words = hits.get(by) ?? new Set<string>();
    hits.set(by, words.add(word));
  }
  for (const [by, words] of hits)
    if (words.size >= 3 || (words.size === 2 && text.length < 400))
      yield { how: 'cipher', text: shifted(text.slice(0, 8 * LONGEST_PIECE), by) };
}

const BACKWARDS = /\b(?:snoitcurtsni|erongi|drowssap|tpmorp|terces|metsys|laever|suoiverp|dragersid)\b/gi;

const MORSE =
  'A.- B-... C-.-. D-.. E. F..-. G--. H.... I.. J.--- K-.- L.-.. M-- N-. O--- P.--. Q--.- R.-. S... T- U..- V...- W.-- X-..- Y-.-- Z--..';
const LETTERS = new Map(MORSE.split(' ').map((entry) => [entry.slice(1), entry[0] ?? '']));

function* morse(text: string): Generator<Hidden> {
  for (const [run] of text.matchAll(/(?<![.-])[.-]{1,6}(?:[ /]{1,3}[.-]{1,6}){5,400}/g)) {
    const words = run.split(/ ?\/ ?/).map((word) =>
      word
        .split(/ +/)
        .map((sign) => LETTERS.get(sign) ?? '')
        .join(''),
    );
    if (words.join('').length >= 5) yield { how: 'morse', text: words.join(' ').toLowerCase() };
  }
}

/** Everything hidden in a text, at most forty pieces of each kind. */
export function revealHidden(text: string): Hidden[] {
  const found: Hidden[] = [];
  const take = (pieces: Iterable<Hidden>) => {
    let count = 0;
    for (const piece of pieces) {
      if (count++ === MOST_PIECES) break;
      found.push(piece);
    }
  };
  take(encoded(text));
  take(hiddenMarkup(text));
  take(ciphered(text));
  take(morse(text));
  const tags = fromTags(text);
  if (tags.length > 3) found.push({ how: 'tags', text: tags });
  if (new Set(text.toLowerCase().match(BACKWARDS)).size >= 2)
    found.push({ how: 'reversed', text: [...text.slice(0, 8 * LONGEST_PIECE)].reverse().join('') });
  return found;
}
