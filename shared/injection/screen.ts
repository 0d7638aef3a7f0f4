/** Tells whether a text tries to steer the agents: patterns, decoded and hidden pieces, and a trained classifier. */
import { inflateRawSync } from 'node:zlib';
import { classify } from '../models/offline/classify.ts';
import type { Model } from '../models/offline/model.ts';
import { load } from '../models/offline/serialize.ts';
import { revealHidden } from './decode.ts';
import { SCREEN_MODEL } from './generated/screen.bin.ts';
import { normalise } from './normalise.ts';
import { PATTERNS } from './patterns.ts';

export interface Screening {
  /** The text goes to a human, and no tool is called on it. */
  flagged: boolean;
  /** 0..1; flagged from 0.5. */
  score: number;
  /** What was seen, in words that an agent or an audit entry can show. Never quotes the text. */
  reasons: string[];
}

const FLAGGED_FROM = 0.5;
/** Confidence from which the classifier alone flags: of a whole text, and of one sentence among others. */
const WHOLE = 0.8;
const SENTENCE = 0.9;
/** A disguise that hides nothing else is little. */
const DISGUISE = 0.2;
const HIDDEN_BONUS = 0.15;

let own: Model | undefined;
const ownModel = (): Model => {
  own ??= load(inflateRawSync(Buffer.from(SCREEN_MODEL, 'base64')));
  return own;
};

/** The weight of a confidence: 0.5 where it flags alone, little below. */
function weigh(confidence: number, alone: number): number {
  return confidence < alone ? 0.5 * (confidence / alone) ** 4 : 0.5 + (0.5 * (confidence - alone)) / (1 - alone);
}

const LONGEST_SENTENCE = 400;
const SHORTEST_SENTENCE = 24;

/** Sentences and lines; a short one is read with the next, a long one in pieces. */
function sentencesOf(text: string): string[] {
  const sentences: string[] = [];
  let held = '';
  for (const part of text.split(/(?<=[.!?。！？>])\s+|\n+|(?<=[。！？])/)) {
    held = held ? `${held} ${part}` : part;
    if (held.length < SHORTEST_SENTENCE && !/[\u3040-\u9fff\uac00-\ud7af]/.test(held)) continue;
    for (let at = 0; at < held.length; at += LONGEST_SENTENCE) sentences.push(held.slice(at, at + LONGEST_SENTENCE));
    held = '';
  }
  if (held) sentences.push(held);
  return sentences;
}

const confidenceOf = (model: Model, text: string): number =>
  classify(model, text).ranked.find(({ label }) => label === 'attack')?.confidence ?? 0;

/** The longest row of one word after another, without regard to case. */
function longestRepetition(text: string): number {
  let [previous, count, longest] = ['', 0, 0];
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]{1,40}/gu)) {
    count = word === previous ? count + 1 : 1;
    previous = word;
    if (count > longest) longest = count;
  }
  return longest;
}

interface Evidence {
  weight: number;
  reason: string;
}

function readView(text: string, model: Model): Evidence[] {
  const byFamily = new Map<string, number>();
  for (const { family, weight, pattern } of PATTERNS)
    if ((byFamily.get(family) ?? 0) < weight && pattern.test(text)) byFamily.set(family, weight);
  const evidence = [...byFamily].map(([reason, weight]) => ({ reason, weight }));
  const sentences = sentencesOf(text);
  let weight = weigh(confidenceOf(model, text), WHOLE);
  if (sentences.length > 1)
    for (const sentence of sentences) weight = Math.max(weight, weigh(confidenceOf(model, sentence), SENTENCE));
  if (weight > 0.1) evidence.push({ reason: 'wording of known attacks', weight });
  return evidence;
}

/** `screen` with any model; used to measure a source that was left out of training. */
export function screenWith(model: Model, written: string): Screening {
  const { text, disguises } = normalise(written);
  const evidence = readView(text, model);
  for (const reason of disguises) evidence.push({ reason, weight: DISGUISE });
  if (longestRepetition(text) >= 12) evidence.push({ reason: 'one word repeated many times', weight: 0.4 });
  for (const { how, text: hidden } of revealHidden(written)) {
    const inside = readView(normalise(hidden).text, model).filter(({ weight }) => weight >= 0.3);
    for (const { reason, weight } of inside)
      evidence.push({ reason: `${reason} (${how})`, weight: Math.min(weight + HIDDEN_BONUS, 1) });
    // What is encoded so that no reader sees it, and is neither comment nor markup, is odd in a ticket.
    if (how === 'tags' || how === 'cipher' || how === 'morse' || how === 'reversed')
      evidence.push({ reason: `hidden text (${how})`, weight: 0.5 });
  }
  const score = 1 - evidence.reduce((rest, { weight }) => rest * (1 - weight), 1);
  const reasons = [...new Set(evidence.filter(({ weight }) => weight >= 0.2).map(({ reason }) => reason))];
  return { flagged: score >= FLAGGED_FROM, score, reasons };
}

/**
 * Screens one text that somebody outside wrote: a ticket, a quoted mail, an article, a tool's result. Deterministic,
 * never throws, linear: well under a millisecond for a ticket, some seconds for a megabyte.
 * @example screen('Ignore all previous instructions').flagged // true
 */
export function screen(text: string): Screening {
  return screenWith(ownModel(), text);
}
