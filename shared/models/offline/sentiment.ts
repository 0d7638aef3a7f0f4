import { sentencesOf } from './sentences.ts';

export interface Sentiment {
  /** -1 (as bad as can be) to 1. */
  readonly score: number;
  readonly label: 'negative' | 'neutral' | 'positive';
  /** 0 to 1. */
  readonly frustration: number;
  readonly churnRisk: number;
  readonly escalationRisk: number;
  /** The sentences that show it, the strongest first, at most three. */
  readonly evidence: readonly string[];
}

const words = (text: string): string[] => text.trim().split(/\s+/);
const weights = (weight: number, text: string): [string, number][] => words(text).map((word) => [word, weight]);

/** Weights from -3 to 3; written for support tickets, where "error" and "down" name the matter and not the mood. */
const LEXICON = new Map<string, number>([
  ...weights(3, 'love excellent amazing fantastic awesome brilliant outstanding perfect'),
  ...weights(2, 'great happy pleased thanks thank helpful wonderful impressed appreciate nice glad smooth'),
  ...weights(1, 'good fine well works working quick easy kind please hope'),
  ...weights(
    -1,
    'slow confusing confused wrong issue problem fails failing failed missing stuck unable difficult late again',
  ),
  ...weights(
    -2,
    'bad annoyed annoying disappointed disappointing frustrated frustrating unhappy broken useless upset waste wasted poor ignored losing',
  ),
  ...weights(
    -3,
    'terrible horrible awful unacceptable ridiculous furious angry outrageous worst disgusting hate pathetic appalling scam joke fraud incompetent',
  ),
]);
const NEGATION = new Set(words("not no never n't cannot can't don't doesn't didn't isn't wasn't won't without hardly"));
const STRONGER = new Map<string, number>([
  ...weights(1.5, 'very really extremely so absolutely completely totally utterly incredibly'),
  ...weights(0.6, 'slightly somewhat bit little'),
]);

/** What people write before they leave or go to court. */
const LEAVING =
  /\b(cancel(l?ing)? (my|our|the|everything)|switch(ing)? to|mov(e|ing) to (a |an |another|your)|leav(e|ing) you|competitors?|close (my|our) account|last chance|looking (at|for) alternatives?|done with you)\b/i;
const THREAT =
  /\b(lawyers?|attorney|legal action|su(e|ing) you|court|chargeback|regulators?|ombudsman|report you|bbb|press|social media|twitter|linkedin|your (ceo|manager|boss)|supervisor|data protection authority)\b/i;
const REPEATED =
  /\b((third|fourth|fifth|3rd|4th|5th|several|many|multiple) (time|email|ticket|message|call)s?|still no (answer|reply|response)|nobody (answers|replies|responds|cares)|for (days|weeks|months)|yet again|how many times|no one (answers|replies|responds))\b/i;

const clamp = (x: number, least = 0, most = 1): number => Math.min(most, Math.max(least, x));
const round = (x: number): number => Math.round(x * 1000) / 1000;

interface Scored {
  readonly sentence: string;
  readonly sum: number;
  readonly heat: number;
}

function scoreSentence(sentence: string): Scored {
  const tokens = sentence.toLowerCase().match(/[a-z']+/g) ?? [];
  let sum = 0;
  tokens.forEach((token, i) => {
    const weight = LEXICON.get(token);
    if (weight === undefined) return;
    const before = tokens.slice(Math.max(0, i - 3), i);
    const strength = STRONGER.get(before.at(-1) ?? '') ?? 1;
    // "not good" is mild displeasure, "not bad" mild approval.
    const turned = before.some((word) => NEGATION.has(word) || word.endsWith("n't")) ? -0.6 : 1;
    sum += weight * strength * turned;
  });
  const shouted = (sentence.match(/\b[A-Z]{4,}\b/g) ?? []).filter((word) => !ACRONYM.has(word)).length;
  const marks = (sentence.match(/[!?]{2,}/g) ?? []).length + (sentence.match(/!/g) ?? []).length * 0.3;
  return { sentence, sum, heat: Math.min(3, shouted * 0.7 + marks * 0.6) };
}
const ACRONYM = new Set(
  words('HTTP HTTPS JSON CORS SAML SCIM OIDC OAUTH HTML REST POST IBAN ASAP SSHD CSRF CIDR GDPR'),
);

/** Judges mood, frustration, and the risks that a customer leaves or escalates, from words alone; linear in the length. */
export function scoreSentiment(text: string): Sentiment {
  const scored = sentencesOf(text).map(scoreSentence);
  const total = scored.reduce((sum, one) => sum + one.sum, 0);
  const heat = Math.min(
    3,
    scored.reduce((sum, one) => sum + one.heat, 0),
  );
  const negative = scored.reduce((sum, one) => sum + Math.min(0, one.sum), 0);
  // Shouting makes a mood stronger, it does not make one.
  const mood = total < 0 ? total - heat : total;
  const score = round(mood / Math.sqrt(mood * mood + 15)); // VADER's normalisation, alpha 15 (Hutto & Gilbert 2014)
  const [leaving, threat, repeated] = [LEAVING, THREAT, REPEATED].map((pattern) => (pattern.test(text) ? 1 : 0)) as [
    number,
    number,
    number,
  ];
  const frustration = clamp(0.11 * -negative + 0.12 * heat + 0.25 * repeated);
  const churnRisk = clamp(0.45 * leaving + 0.45 * frustration + 0.1 * threat);
  const escalationRisk = clamp(0.82 * threat + 0.35 * frustration + 0.2 * repeated + 0.12 * leaving);
  const evidence = scored
    .map((one) => ({
      ...one,
      strength:
        Math.abs(one.sum) +
        one.heat +
        ([LEAVING, THREAT, REPEATED].some((pattern) => pattern.test(one.sentence)) ? 5 : 0),
    }))
    .filter((one) => one.strength >= 1.5)
    .sort((a, b) => b.strength - a.strength)
    .slice(0, 3)
    .map((one) => one.sentence.slice(0, 300));
  const label = score <= -0.25 ? 'negative' : score >= 0.25 ? 'positive' : 'neutral';
  return {
    score,
    label,
    frustration: round(frustration),
    churnRisk: round(churnRisk),
    escalationRisk: round(escalationRisk),
    evidence,
  };
}
