import { splitSentences } from '../models/offline/sentences.ts';

/** Where a sentence goes on to a second question. */
const SECOND = /, (?:and|but) (?=how|where|what|when|which|can|is|do)/i;

/** Asks for the way to do something, or whether it can be done: a matter for articles, not for records. */
const HOW_TO =
  /\b(how (do|can|to|is|are|could|would|should)|where (do|can|could|is|are)|can (we|i|you|one)|do you (accept|take|offer|support)|(is it|would it be) possible|what would|(what is|what's) the difference|difference between)\b/i;

const QUESTION =
  /\?|\b(how|where|when|which|what|who|whether)\b|^(is|are|was|were|do|does|did|has|have|can|could|may|will|any)\b|\b(did|do|does|is|are|has|was|were|will) (that|this|it|we|you|i|they)\b|\b(tell me|let me know|(need|like|want) to know|need the)\b/i;

/** Sentences of a text, and the parts of those that ask two things. */
export const clausesOf = (text: string): string[] =>
  splitSentences(text).flatMap((sentence) => sentence.text.split(SECOND));

export const isHowTo = (text: string): boolean => HOW_TO.test(text);
export const isQuestion = (text: string): boolean => QUESTION.test(text.trim());
