/** The desk's own intent classifier: which of the four intents a ticket carries. Works without any model provider. */
import { inflateRawSync } from 'node:zlib';
import { classify } from './classify.ts';
import { MAX_TEXT_LENGTH } from './features.ts';
import { INTENT_MODEL } from './generated/intents.bin.ts';
import type { Model } from './model.ts';
import { load } from './serialize.ts';

export const INTENTS = ['technical', 'billing', 'account', 'general'] as const;
export type Intent = (typeof INTENTS)[number];

export interface IntentConfidence {
  intent: Intent;
  /** Calibrated probability that the text carries this intent, 0..1, independent of the other intents. */
  confidence: number;
}

export interface IntentAnswer {
  /** All four intents, the most confident first. Several may be high: a ticket can have several intents. */
  intents: IntentConfidence[];
  /** The text is about something that no support desk answers. */
  outOfScope: boolean;
}

/** Where a ticket may turn to another subject: the end of a sentence, or a conjunction. */
const TURNS = /[.!?;:\n] |, (?:and|but|also|so|yet|plus) | (?:and|but|also|although|because|besides|plus) /i;
const MAX_SEGMENTS = 12;
const MIN_SEGMENT_WORDS = 4;
/** A part says less than the whole: what it adds is taken down by this factor. Chosen in cross-validation. */
const SEGMENT_TRUST = 0.8;

let model: Model | undefined;

function intentModel(): Model {
  model ??= load(inflateRawSync(Buffer.from(INTENT_MODEL, 'base64')));
  return model;
}

/** Parts of a text long enough to be understood alone; none when the text has only one. */
function segments(text: string): string[] {
  const parts = text
    .slice(0, MAX_TEXT_LENGTH)
    .replace(/\s+/g, ' ')
    .split(TURNS, MAX_SEGMENTS)
    .filter((part) => part.trim().split(' ').length >= MIN_SEGMENT_WORDS);
  return parts.length > 1 ? parts : [];
}

/** `classifyIntents` for any model of the four intents; used to measure the method in cross-validation. */
export function classifyWith(intents: Model, text: string): IntentAnswer {
  const whole = classify(intents, text);
  const confidences = new Map(whole.ranked.map(({ label, confidence }) => [label, confidence]));
  for (const part of segments(text)) {
    const { ranked, outOfScope } = classify(intents, part);
    if (outOfScope) continue;
    for (const { label, confidence } of ranked)
      confidences.set(label, Math.max(confidences.get(label) ?? 0, confidence * SEGMENT_TRUST));
  }
  return {
    intents: INTENTS.map((intent) => ({ intent, confidence: confidences.get(intent) ?? 0 })).sort(
      (a, b) => b.confidence - a.confidence,
    ),
    outOfScope: whole.outOfScope,
  };
}

/**
 * Classifies a ticket offline, without network or provider, in some hundredths of a millisecond (the first call loads
 * the model). A ticket of several sentences is also read sentence by sentence, so that a second intent is not drowned.
 * @example classifyIntents('Charged twice, and now the API is down') // billing and technical both high
 */
export function classifyIntents(text: string): IntentAnswer {
  return classifyWith(intentModel(), text);
}
