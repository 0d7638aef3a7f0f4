/** Which of seven languages a text is written in, by its most frequent small words and telling letters. */

export const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface DetectedLanguage {
  /** ISO 639-1. */
  language: Language;
  /** 0..1; below about 0.5 nothing should depend on it. A text of unknown words has 0 and is called English. */
  confidence: number;
}

const SMALL_WORDS: Record<Language, string> = {
  en: "the and is are was were to of in that it for with my your you i we have has not on this be can how what why when which from do does did our please but an they would could there hello thanks thank don't i'm it's cannot me",
  de: 'der die das und ist sind war nicht ich wir sie mit auf für ein eine einen einem mein meine haben habe hat kann bitte wie was warum wann zu von dem den des im auch aber es wird wurde mir uns ihr seit bei nach noch sehr danke hallo kein keine zum zur',
  fr: "le la les et est sont était pas je nous vous avec sur pour un une mon ma mes ont ai peut comment pourquoi quand que qui dans du des au aux mais ce cette il elle bonjour merci depuis notre votre ne être j'ai n'est c'est plus très s'il",
  es: 'el la los las y es son era no yo nosotros usted con en para un una mi mis han he puede cómo como qué por cuándo que de del al pero este esta está hola gracias desde nuestro su se me lo muy más favor tengo puedo',
  it: "il lo la gli le e è sono era non io noi voi con su per un una mio mia hanno ho può come perché quando che di del della al alla ma questo questa ciao grazie da nostro vostro si mi molto più buongiorno salve dell'account nel",
  pt: 'o os as e é são era não eu nós você com em para um uma meu minha têm tenho pode como por quando que do da dos das no na mas este esta está olá obrigado obrigada desde nosso seu se me muito mais ao favor consigo',
  nl: 'de het een en is zijn was niet ik wij we jullie u met op voor mijn hebben heb heeft kan hoe waarom wanneer dat die van aan maar dit deze er hallo bedankt sinds onze uw wordt werd ook nog naar bij geen graag alstublieft te om',
};

/** Letters that few of the seven use, with what each is worth. */
const TELLING_LETTERS: readonly (readonly [letters: RegExp, languages: readonly Language[]])[] = [
  [/[äöüß]/g, ['de']],
  [/[çœêèâîû]/g, ['fr']],
  [/[ñ¿¡]/g, ['es']],
  [/[ãõ]/g, ['pt']],
  [/[ìò]/g, ['it']],
  [/ij|aa|ee(?=n\b)|oo(?=r\b)/g, ['nl']],
];
const TELLING_WEIGHT = 0.5;
const MAX_LENGTH = 4_000;

const membership = new Map<string, Language[]>();
for (const language of LANGUAGES) {
  for (const word of SMALL_WORDS[language].split(' '))
    membership.set(word, [...(membership.get(word) ?? []), language]);
}

/** Detects the language from the first 4,000 characters. */
export function detectLanguage(text: string): DetectedLanguage {
  const lower = text.slice(0, MAX_LENGTH).toLowerCase().replaceAll('’', "'");
  const scores = new Map<Language, number>(LANGUAGES.map((language) => [language, 0]));
  const raise = (language: Language, by: number) => scores.set(language, (scores.get(language) ?? 0) + by);
  for (const word of lower.match(/[\p{L}']+/gu) ?? []) {
    const languages = membership.get(word) ?? [];
    for (const language of languages) raise(language, 1 / languages.length); // a word of three languages says a third
  }
  for (const [letters, languages] of TELLING_LETTERS) {
    const count = Math.min(6, lower.match(letters)?.length ?? 0);
    for (const language of languages) raise(language, count * TELLING_WEIGHT);
  }
  const ranked = [...scores].sort((a, b) => b[1] - a[1]);
  const [best = ['en', 0] as const, second = ['en', 0] as const] = ranked;
  if (best[1] === 0) return { language: 'en', confidence: 0 };
  const lead = (best[1] - second[1]) / best[1];
  const evidence = 1 - Math.exp(-best[1] / 1.5); // one small word proves little
  return { language: best[0], confidence: lead * evidence };
}
