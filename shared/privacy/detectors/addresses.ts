/** Postal addresses, as well as forms allow: a street with its number, boxes, and what follows them as far as it fits. */
import type { Add } from '../kinds.ts';

const WORD = "[\\p{Lu}][\\p{L}'.-]{0,24}";
const SMALL = '(?:de|du|des|da|do|dos|das|di|della|del|la|le|les|los|las|el|of|the|van|von|der|den|zu|y|e|z|w|na)';
const WORDS = `(?:${WORD}|${SMALL}|\\d{1,3}(?:st|nd|rd|th))(?: (?:${WORD}|${SMALL}|\\d{1,4}(?:st|nd|rd|th)?)){0,4}`;
const NUMBER = '\\d{1,6}(?:[-/]\\d{1,4})?(?: ?[A-Za-z](?![\\p{L}]))?';

const AFTER_NAME =
  '(?:Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Ter|Circle|Cir|Highway|Hwy|Parkway|Pkwy|Close|Crescent|Cres|Gardens|Grove|Mews|Row|Walk|Trail|Loop|Alley|Hill|Quay|Wharf|Plaza)';
const BEFORE_NAME =
  '(?:rue|avenue|av\\.|boulevard|bd\\.?|place|chemin|allée|allee|impasse|quai|route|cours|via|viale|vicolo|piazza|piazzale|piazzetta|corso|largo|strada|calle|c/|avenida|avda\\.?|paseo|plaza|carrer|camino|ronda|rua|travessa|praça|alameda|estrada|rodovia|ul\\.|ulica|al\\.|aleja|pl\\.|os\\.|ulitsa|strasse|straße|am|an der|auf der|in der|im|zum|zur)';
const SUFFIXED =
  "\\p{Lu}[\\p{L}'-]{1,30}(?:straße|strasse|strase|str\\.|weg|platz|allee|gasse|ring|damm|ufer|steig|straat|laan|plein|gracht|kade|dijk|dreef|vej|vejen|gade|gaden|allé|vägen|väg|gatan|gata|gränd|veien|vei|veg|gate|gt|tie|katu|kuja|polku|tänav|maantee|utca|utja|körút|tér|gt\\.|braut|stígur|ska|ova|ká)";

const UNIT =
  '(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|Room|Rm|Bldg|Building|Etage|Stock|Whg|lok|m)\\.? ?#? ?[A-Za-z]?\\d{1,5}[A-Za-z]?|# ?\\d{1,5})';
const POSTCODE =
  '(?:[A-Z]{2} \\d{5}(?:-\\d{4})?|\\d{5}(?:-\\d{3,4})?|\\d{4}(?: ?[A-Z]{2})?|\\d{3} \\d{2}|\\d{2}-\\d{3}|[A-Z]{1,2}\\d[A-Z\\d]? \\d[A-Z]{2}|[A-Z]\\d[A-Z] ?\\d[A-Z]\\d)';
const GAP = '(?:,? {1,4}|,? {0,3}\\n[> ?]{0,6})';
const TOWN = `${WORD}(?:[ -]${WORD}){0,3}`;
/** What may follow a street: flat, postcode and town, town and postcode. */
const REST = `(?:${GAP}${UNIT}){0,2}(?:${GAP}(?:${POSTCODE}${GAP}${TOWN}|${TOWN}${GAP}${POSTCODE}|${TOWN}(?=,|\\n|$)|${POSTCODE})(?![\\p{L}\\d])){0,3}`;

const STREETS: readonly string[] = [
  `${NUMBER},? (?:${WORDS} )${AFTER_NAME}(?![\\p{L}])\\.?`,
  `${NUMBER},? (?:bis |ter )?${BEFORE_NAME} ${WORDS}(?: ${NUMBER})?`,
  `${SUFFIXED} ${NUMBER}`,
  `(?:P\\.? ?O\\.? ?Box|Post ?(?:box|bus|fach|boks)|Postilokero|B\\.?P\\.?|Apartado|Casella postale|Caixa postal|Pósthólf) ?#? ?\\d{1,8}`,
  `(?:Unit|PSC) \\d{1,5},? Box \\d{1,5}(?:\\s(?:APO|FPO|DPO) A[AEP] \\d{5})?`,
  `US(?:NS|S|CGC|NV) ${WORD}\\s(?:APO|FPO|DPO) A[AEP] \\d{5}`,
];
const BEGINNING = '(?<![\\p{L}\\p{N}.,/#$€£_-])';
const PATTERNS: readonly RegExp[] = [
  ...STREETS.map((street) => new RegExp(`${BEGINNING}(?:${street})(?![\\p{L}\\d])${REST}`, 'gu')),
  // In these languages the word for street is written small or large, and the number comes last.
  new RegExp(
    `${BEGINNING}(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Pp]lace|[Cc]hemin|[Aa]llée|[Vv]ia|[Vv]iale|[Pp]iazza|[Pp]iazzetta|[Cc]orso|[Cc]alle|[Cc]\\/|[Aa]venida|[Aa]vda\\.?|[Pp]aseo|[Pp]laza|[Rr]ua|[Tt]ravessa|[Pp]raça|[Uu]l\\.|[Uu]lica|[Aa]l\\.|[Aa]m|[Zz]ur|[Aa]n der) ${WORDS},? (?:n[°ºo]\\.? ?)?${NUMBER}(?![\\p{L}\\d])${REST}`,
    'gu',
  ),
];
const LABELLED_CODE =
  /\b(?:zip|post(?:al)?)(?:[ -]?code)?(?: is| was)?[: ]{1,3}(\d{4,5}(?:-\d{3,4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![\w-])/gi;

export function findAddresses(text: string, add: Add): void {
  for (const pattern of PATTERNS)
    for (const { index, 0: written } of text.matchAll(pattern)) add('address', index, index + written.trimEnd().length);
  for (const { index, 0: whole, 1: code = '' } of text.matchAll(LABELLED_CODE))
    add('address', index + whole.length - code.length, index + whole.length);
}
