/** One plain form of a text, so that a pattern cannot be dodged by how the same words are drawn. */

const INVISIBLE =
  /\u034f|[\u00ad\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufeff]|[\ufe00-\ufe0f]/g;

/** Letters of other scripts that look like Latin ones (https://www.unicode.org/Public/security/latest/confusables.txt). */
const LOOKALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'аa вb сc еe нh іi јj кk мm оo рp ԛq ѕs тt цu ѵv ԝw хx уy гr пn ԁd ӏl АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ЅS ТT ХX УY ' +
    'αa βb εe ηn ιi κk νv οo ρp τt υu χx γy ωw ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX ıi ɑa ɡg ɩi ʟl ɴn ʀr օo ոn սu հh ցg'
  )
    .split(' ')
    .map((pair) => [[...pair][0] ?? '', [...pair][1] ?? '']),
);
const FOREIGN = /[\u0370-\u03ff\u0400-\u052f\u0250-\u02af\u0131\u0530-\u058f]/;
const MIXED_WORD = /[\p{L}\p{M}]{2,64}/gu;

/** Words that mix Latin with look-alikes, all in Latin. Whole words of another script stay. */
function latinise(text: string): string {
  if (!FOREIGN.test(text)) return text;
  return text.replace(MIXED_WORD, (word) =>
    /[A-Za-z]/.test(word) && FOREIGN.test(word)
      ? [...word].map((character) => LOOKALIKES[character] ?? character).join('')
      : word,
  );
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,5}));/gi, (written, decimal, hex, name) => {
    if (name) return ENTITIES[String(name).toLowerCase()] ?? written;
    const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : written;
  });
}

/** `i g n o r e` and `i.g.n.o.r.e` become one word; two blanks between words tell where it ends. */
function joinSpacedLetters(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}])\p{L}(?:[ .*_-]\p{L}){4,200}(?![\p{L}\p{N}])/gu, (run) =>
    run.replace(/[ .*_-]/g, ''),
  );
}

export interface Normalised {
  text: string;
  /** How it had been disguised: reasons of their own, weak alone. */
  disguises: string[];
}

/** Linear in the length of the text. */
export function normalise(written: string): Normalised {
  const disguises: string[] = [];
  const invisible = written.match(INVISIBLE)?.length ?? 0;
  const visible = written.replace(INVISIBLE, '');
  // Inside of words; emoji and right-to-left text need joiners and marks between theirs.
  if (invisible > 3 && /[A-Za-z][\u00ad\u200b-\u200d\u2060-\u2064\ufeff][A-Za-z]/.test(written))
    disguises.push('invisible characters');
  const compatible = visible.normalize('NFKC');
  const latin = latinise(compatible);
  if (latin !== compatible) disguises.push('look-alike letters');
  const joined = joinSpacedLetters(latin);
  if (joined !== latin) disguises.push('spaced letters');
  const text = decodeEntities(joined)
    .replaceAll('’', "'")
    .replace(/[“”„«»]/g, '"');
  return { text, disguises };
}
