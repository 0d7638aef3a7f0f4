import type { FinishReason } from '@google/genai';
import type { ToolCall, Usage } from '../../ports/model.ts';
import { type FailureOptions, fromStatus, ModelFailure, retryAfterMs } from '../routing/failure.ts';
import type { Posted } from '../routing/post.ts';
import type { ProviderAnswer } from '../routing/provider.ts';
import type { ContentAnswer, ErrorAnswer } from './wire.ts';

/** Ends that are a filter's work. */
const FILTERED = new Set<`${FinishReason}`>([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'LANGUAGE',
  'IMAGE_SAFETY',
]);

/** Reads a 200. Throws `filtered` with the usage, which is billed all the same. */
export function fromContentAnswer(answer: ContentAnswer): ProviderAnswer {
  const usage = fromUsage(answer.usageMetadata);
  if (answer.promptFeedback?.blockReason)
    throw new ModelFailure('filtered', `Gemini stopped the question (${answer.promptFeedback.blockReason})`, { usage });
  const [candidate] = answer.candidates ?? [];
  if (!candidate) throw new ModelFailure('down', 'the answer holds no candidate', { usage });
  const reason = candidate.finishReason as `${FinishReason}` | undefined; // the enum's values are these words
  if (reason && FILTERED.has(reason))
    throw new ModelFailure('filtered', `Gemini stopped the answer (${reason})`, { usage });
  const parts = candidate.content?.parts ?? [];
  const toolCalls = parts.flatMap(({ functionCall, thoughtSignature }, i): ToolCall[] =>
    functionCall
      ? [
          {
            // Gemini matches results by name and order; our own conversation wants an id.
            id: functionCall.id ?? `call_${i}`,
            name: functionCall.name ?? '',
            arguments: functionCall.args ?? {},
            ...(thoughtSignature ? { signature: thoughtSignature } : {}),
          },
        ]
      : [],
  );
  const said = parts.filter(({ thought }) => !thought).map(({ text }) => text ?? '');
  // A malformed call leaves no part; as an answer of no form it is told so, and repaired.
  const stop = toolCalls.length > 0 ? 'tool' : reason === 'MAX_TOKENS' ? 'length' : 'end';
  return { text: said.join(''), toolCalls, stop, usage };
}

/** `promptTokenCount` includes cached ones; thoughts are counted apart, and billed as output. */
export function fromUsage(usage: ContentAnswer['usageMetadata']): Usage {
  const cached = usage?.cachedContentTokenCount;
  const thought = usage?.thoughtsTokenCount;
  return {
    inputTokens: (usage?.promptTokenCount ?? 0) + (usage?.toolUsePromptTokenCount ?? 0),
    outputTokens: (usage?.candidatesTokenCount ?? 0) + (thought ?? 0),
    ...(cached ? { cachedTokens: cached } : {}),
    ...(thought ? { reasoningTokens: thought } : {}),
  };
}

/** The failure in an answer that is no 200. Google says how long to wait, if at all, in the error's details. */
export function toFailure({ status, header, text }: Posted, now: number): ModelFailure {
  const error = errorOf(text);
  const delay = error?.details?.find(({ retryDelay }) => retryDelay)?.retryDelay;
  const seconds = delay === undefined ? undefined : Number(delay.replace(/s$/, ''));
  const told = seconds !== undefined && Number.isFinite(seconds) ? seconds * 1000 : undefined;
  const options: FailureOptions = { retryAfterMs: retryAfterMs(header, now) ?? told };
  return fromStatus(status, error?.status ?? 'no reason given', options);
}

function errorOf(text: string): ErrorAnswer['error'] {
  try {
    return (JSON.parse(text) as ErrorAnswer | null)?.error;
  } catch {
    return undefined;
  }
}
