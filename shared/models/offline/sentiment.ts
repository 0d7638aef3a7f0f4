/** Mood of a ticket and the risks in it, by a lexicon and rules. English; other languages come out near neutral. */
import { sigmoid } from './calibrate.ts';
import { type Sentence, splitSentences } from './sentences.ts';
import {
  CHURN_SIGNS,
  ESCALATION_SIGNS,
  INTENSIFIERS,
  NEGATIONS,
  PHRASE_WEIGHTS,
  WORD_WEIGHTS,
} from './sentiment-lexicon.ts';

export interface Sentiment {
  /** -1 (furious) to 1 (delighted). */
  score: number;
  label: 'negative' | 'neutral' | 'positive';
  /** 0..1: anger and weariness, whatever the praise around it. */
  frustration: number;
  /** 0..1: is the customer about to leave? */
  churnRisk: number;
  /** 0..1: is the customer about to take it to a manager, a lawyer or the public? */
  escalationRisk: number;
  /** The sentences that show it, the strongest first, at most three. */
  evidence: string[];
}

const MAX_LENGTH = 32_000;
const MAX_EVIDENCE_LENGTH = 240;
/** How many words back a negation reaches. */
const NEGATION_REACH = 3;
const LABEL_THRESHOLD = 0.2;
/** VADER's normalisation constant: with it one strong word gives about 0.6 and three give 0.9. */
const ALPHA = 15;

/** "don't want to", "have no plans to", but not "is not fixed, we are": only words of wishing may stand between. */
const DENIED =
  /\b(?:don't|didn't|do not|did not|won't|will not|not|never|no|without)(?: (?:want|wish|need|have|plans?|planning|intend|intention|going|like|try|trying|to|of|any|ever|even|be|think|about)){0,4} $/;

const repeats =
  /\b(?:again|still|yet again|third|fourth|fifth|weeks?|months|ages|every (?:single )?(?:day|time|week|month)|nobody|no one|ignored?)\b/g;

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** Chances add up as if they were independent: two signs of 0.5 make 0.75. */
function combine(risks: readonly number[]): number {
  return 1 - risks.reduce((rest, risk) => rest * (1 - clamp(risk)), 1);
}

/** Sum of the weights of one sentence. */
function weighSentence(sentence: string, shoutingIsUsual: boolean): number {
  const original = sentence.match(/[\p{L}\p{N}'’-]+/gu) ?? [];
  const words = original.map((word) => word.toLowerCase().replaceAll('’', "'"));
  const joined = ` ${words.join(' ')} `;
  let total = 0;
  let clause = 0; // weight so far of the clause before a "but", which counts less than what follows
  for (const [phrase, weight] of PHRASE_WEIGHTS) if (joined.includes(` ${phrase} `)) total += weight;
  words.forEach((word, i) => {
    if (word === 'but' || word === 'however') {
      total -= clause * 0.4;
      clause = 0;
    }
    let weight = WORD_WEIGHTS.get(word) ?? 0;
    if (weight === 0) return;
    const before = words.slice(Math.max(0, i - NEGATION_REACH), i);
    weight *= INTENSIFIERS.get(before.at(-1) ?? '') ?? 1;
    // "not great" is bad, "not bad" is mildly good; "no errors" is only no longer bad.
    if (before.some((earlier) => NEGATIONS.has(earlier))) weight *= weight > 0 ? -0.75 : -0.4;
    const raw = original[i] ?? '';
    if (!shoutingIsUsual && raw.length > 2 && raw === raw.toUpperCase() && /\p{L}/u.test(raw)) weight *= 1.3;
    total += weight;
    clause += weight;
  });
  const exclamations = Math.min(4, sentence.split('!').length - 1);
  return total * (1 + 0.12 * exclamations);
}

/** The strongest sign in a sentence, halved where it is denied or only asked about ("how do I cancel?"). */
function riskIn(lower: string, signs: readonly (readonly [RegExp, number])[]): number {
  let highest = 0;
  for (const [pattern, risk] of signs) {
    const found = pattern.exec(lower);
    if (!found) continue;
    const before = lower.slice(Math.max(0, found.index - 24), found.index);
    const denied = DENIED.test(before);
    highest = Math.max(highest, denied ? risk * 0.25 : risk);
  }
  return /^(?:how|what|where|can|could|is|does|do)\b[^!]*\?$/.test(lower) ? highest * 0.5 : highest;
}

function shoutedShare(text: string): number {
  const words = (text.match(/\b[A-Za-z]{3,}\b/g) ?? []).slice(0, 2_000);
  // Two words in capitals are likely names: API, DNS.
  const shouted = words.filter((word) => word.length > 3 && word === word.toUpperCase()).length;
  return words.length > 0 && shouted > 1 ? shouted / words.length : 0;
}

interface Reading {
  sentence: Sentence;
  weight: number;
  churn: number;
  escalation: number;
}

/**
 * Scores a ticket's mood. Only the first 32,000 characters are read. Never throws.
 * @example scoreSentiment('This is the THIRD outage. Unacceptable!!').label // 'negative'
 */
export function scoreSentiment(text: string): Sentiment {
  const cut = text.slice(0, MAX_LENGTH);
  const shouted = shoutedShare(cut);
  const readings: Reading[] = splitSentences(cut).map((sentence) => {
    const lower = sentence.text.slice(0, 2_000).toLowerCase().replaceAll('’', "'");
    return {
      sentence,
      weight: weighSentence(sentence.text.slice(0, 2_000), shouted > 0.7),
      churn: riskIn(lower, CHURN_SIGNS),
      escalation: riskIn(lower, ESCALATION_SIGNS),
    };
  });
  const sum = readings.reduce((total, { weight }) => total + weight, 0) * (shouted > 0.3 ? 1.25 : 1);
  const score = sum / Math.sqrt(sum * sum + ALPHA);
  const anger = readings.reduce((total, { weight }) => total + Math.min(0, weight), 0);
  const loud = Math.min(1, (cut.match(/[!?]{2,}/g)?.length ?? 0) * 0.35 + shouted * 2);
  const repeated = Math.min(3, cut.toLowerCase().match(repeats)?.length ?? 0);
  // About 0.04 for a calm ticket, 0.5 at one strong word, more with shouting and "again".
  const frustration = clamp(
    (sigmoid(-0.62 * anger + 1.4 * loud + (anger < -1 ? 0.35 * repeated : 0) - 2.4) - 0.08) / 0.92,
  );
  const churn = combine(readings.map((reading) => reading.churn));
  const escalation = combine(readings.map((reading) => reading.escalation));
  return {
    score,
    label: score <= -LABEL_THRESHOLD ? 'negative' : score >= LABEL_THRESHOLD ? 'positive' : 'neutral',
    frustration,
    churnRisk: combine([churn, frustration * 0.35 * (score < 0 ? 1 : 0.3)]),
    escalationRisk: combine([escalation, frustration * 0.4 * (score < 0 ? 1 : 0.3)]),
    evidence: readings
      .map(({ sentence, weight, churn: c, escalation: e }) => ({
        text: sentence.text.slice(0, MAX_EVIDENCE_LENGTH),
        strength: Math.abs(weight) + 3 * Math.max(c, e),
      }))
      .filter(({ strength }) => strength >= 1)
      .sort((a, b) => b.strength - a.strength)
      .slice(0, 3)
      .map((entry) => entry.text),
  };
}
