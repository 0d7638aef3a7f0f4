/** Names of people where the form of a message says so: introductions, greetings, signatures, titles and labels. */
import type { Add } from '../kinds.ts';

const WORD = "\\p{Lu}(?:[\\p{L}\\p{M}]|['-](?=\\p{L})){1,30}";
const LINK = '(?:(?:\\p{Lu}\\.|de|da|do|dos|van|von|der|den|ter|bin|ibn|al|la|le|di|del|du|y|zu|af|av) ){0,2}';
/** One to four capitalised words, with initials and particles between them. */
const NAME = `${WORD}(?: ${LINK}${WORD}){0,3}`;
const BEGINNING = '(?<![\\p{L}\\p{N}])';
const ENDING = '(?![\\p{L}\\p{N}])';

const INTRODUCED = new RegExp(
  `${BEGINNING}(?:[Mm]y (?:full |first |last )?name(?:'s| is)|[Tt]his is|I am|I'm|[Pp]eople call me|[Nn]ame's|[Mm]e llamo|[Mm]i nombre es|[Jj]e m'appelle|[Jj]e suis|[Ii]ch hei(?:ß|ss)e|[Mm]ein Name ist|[Mm]i chiamo|[Mm]eu nome é|[Ii]k ben|[Mm]ijn naam is|[Jj]ag heter|[Nn]azywam się)[: ]{1,2}(${NAME})${ENDING}`,
  'gu',
);
const TITLED = new RegExp(
  `${BEGINNING}(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof|Herrn?|Frau|Señora?|Sra?|Mme|Mlle|Monsieur|Madame|Signora?|Pan|Pani|[Mm]rs?\\.|[Mm]s\\.)\\.? (${NAME})${ENDING}`,
  'gu',
);
const LABELLED = new RegExp(
  `${BEGINNING}(?:[Nn]ame|[Cc]ontact|[Cc]ustomer|[Cc]ardholder|[Aa]ccount holder|[Bb]eneficiary|[Ss]igned|[Rr]ecipient|[Aa]ttn|[Ff]rom|[Tt]o|[Cc]c|[Bb]illing address|[Ss]hipping address|Von|An|De|Nom|Nombre|Nome)[ \\t]*:[ \\t]{1,8}"?(${NAME})${ENDING}`,
  'gu',
);
/** `Jane Doe <jane@…>`, as in headers and quotes of mail. */
const MAILBOX = new RegExp(`${BEGINNING}(${NAME})"? <[^\\s<>@]{1,64}@`, 'gu');
const GREETED = new RegExp(
  `(?:^|\\n|[.!?] )[> ]{0,4}(?:[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear|[Gg]ood (?:morning|afternoon|evening)|[Hh]allo|[Ll]iebe[r]?|[Ss]ehr geehrte[r]?|[Hh]ola|[Ee]stimad[oa]|[Bb]onjour|[Cc]her|[Cc]hère|[Cc]iao|[Gg]entile|[Oo]lá|[Pp]rezad[oa]|[Hh]ej|[Hh]oi|[Bb]este),? (?:there )?(${NAME})(?=[,!:.\\n—-]| -|$)`,
  'gu',
);

const CLOSING =
  /^[> ]{0,4}(?:(?:(?:with )?(?:best|kind|warm|many)?(?:est)? ?(?:regards|wishes|thanks)|thanks(?: (?:again|a lot|in advance|so much))?|thank you(?: (?:very much|again|in advance))?|thx|cheers|sincerely(?: yours)?|yours(?: (?:sincerely|faithfully|truly))?|best|respectfully|mit freundlichen grü(?:ß|ss)en|(?:viele|liebe|beste) grü(?:ß|ss)e|mfg|lg|vg|saludos(?: cordiales)?|un saludo|atentamente|cordialement|bien à vous|merci|cordiali saluti|grazie|atenciosamente|obrigad[oa]|met vriendelijke groeten?|groetjes|med vänliga hälsningar|pozdrawiam)[,.! ]{0,3}|--? ?)$/i;
const SIGNED_INLINE = new RegExp(
  `(?:[Rr]egards|[Tt]hanks|[Tt]hank you|[Cc]heers|[Ss]incerely|[Bb]est|[Ss]aludos|[Mm]erci|[Gg]razie)[,.!] ?(${NAME})[. ]?(?=\\n|$)`,
  'gu',
);
const DASHED = new RegExp(`(?:^|\\n)[> ]{0,4}(?:--? ?|~ ?|/ ?)(${NAME})[ \\t]*(?=\\n|$)`, 'gu');
const NAME_LINE = new RegExp(`^[> ]{0,4}(${NAME})[,. ]{0,2}$`, 'u');

/** Capitalised words that stand in these places and name nobody. */
const NOBODY = new Set(
  (
    'support team teams all everyone everybody there sir madam sirs customer customers service services desk help helpdesk sales billing admin administrator ' +
    'account accounts friend friends folks colleague colleagues you your our the this that a an i we it not no yes ok okay sorry sure happy glad just also ' +
    'still very so now here trying having getting using writing going looking unable urgent please thanks thank regards best hello hi hey dear sent from ' +
    'monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december ' +
    'english french german spanish italian dutch polish european american british chinese indian canadian australian ' +
    'damen herren staff office agent bot assistant user users manager director engineer developer ceo cto cfo president founder owner ' +
    'iphone ipad android outlook gmail windows linux mac aws azure google microsoft amazon github slack stripe re fwd subject date to cc invoice order ticket ' +
    'api http https error warning info debug null undefined true false none unknown test what why how when where who which can could would will is are do does'
  ).split(' '),
);

function isSomebody(name: string): boolean {
  const words = name.toLowerCase().split(/[ .]+/);
  return !NOBODY.has(words[0] ?? '') && !words.every((word) => NOBODY.has(word));
}

function findSignatures(text: string, take: (start: number, name: string) => void): void {
  let closedBy = -1; // number of lines that may still follow a closing formula
  let start = 0;
  while (start <= text.length) {
    const stop = text.indexOf('\n', start);
    const end = stop < 0 ? text.length : stop;
    const line = end - start <= 80 ? text.slice(start, end).replace(/\r$/, '') : undefined;
    if (line !== undefined && CLOSING.test(line) && line.trim() !== '') closedBy = 3;
    else if (closedBy > 0) {
      closedBy--;
      const name = line === undefined ? undefined : NAME_LINE.exec(line)?.[1];
      if (name !== undefined) {
        take(start + (line ?? '').indexOf(name), name);
        closedBy = -1;
      } else if (line === undefined || line.trim() !== '') closedBy = -1;
    }
    start = end + 1;
  }
}

export function findNames(text: string, add: Add): void {
  const take = (start: number, name: string) => {
    if (isSomebody(name)) add('name', start, start + name.length);
  };
  for (const pattern of [INTRODUCED, TITLED, LABELLED, MAILBOX, GREETED, SIGNED_INLINE, DASHED])
    for (const { index, 0: whole, 1: name = '' } of text.matchAll(pattern)) take(index + whole.lastIndexOf(name), name);
  findSignatures(text, take);
}
