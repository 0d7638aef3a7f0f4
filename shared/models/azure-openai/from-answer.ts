import type { ToolCall, Usage } from '../../ports/model.ts';
import { type FailureOptions, fromStatus, ModelFailure, retryAfterMs } from '../routing/failure.ts';
import { type Posted, readJson } from '../routing/post.ts';
import type { ProviderAnswer } from '../routing/provider.ts';
import type { ChatAnswer, ErrorAnswer } from './wire.ts';

/** Reads a 200. Throws `filtered` and `refused` with the usage, which is billed all the same. */
export function fromChatAnswer(answer: ChatAnswer): ProviderAnswer {
  const [choice] = answer.choices ?? [];
  const usage = fromUsage(answer.usage);
  if (!choice) throw new ModelFailure('down', 'the answer holds no choice', { usage });
  if (choice.finish_reason === 'content_filter')
    throw new ModelFailure('filtered', "Azure's content filter stopped the answer", { usage });
  const { content, refusal, tool_calls: calls = [] } = choice.message;
  if (refusal) throw new ModelFailure('refused', 'the model refused', { usage });
  const toolCalls = calls.flatMap((call): ToolCall[] =>
    call.type === 'function'
      ? [{ id: call.id, name: call.function.name, arguments: fromArguments(call.function.arguments) }]
      : [],
  );
  const stop = toolCalls.length > 0 ? 'tool' : choice.finish_reason === 'length' ? 'length' : 'end';
  return { text: content ?? '', toolCalls, stop, usage };
}

/** Half a JSON (a model can be cut off in the middle of a call) fails the tool's schema, and is repaired as such. */
function fromArguments(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `prompt_tokens` includes cached ones, `completion_tokens` includes what was thought. */
export function fromUsage(usage: ChatAnswer['usage']): Usage {
  const cached = usage?.prompt_tokens_details?.cached_tokens;
  const thought = usage?.completion_tokens_details?.reasoning_tokens;
  return {
    inputTokens: usage?.prompt_tokens ?? 0,
    outputTokens: usage?.completion_tokens ?? 0,
    ...(cached ? { cachedTokens: cached } : {}),
    ...(thought ? { reasoningTokens: thought } : {}),
  };
}

/** The failure in an answer that is no 200. A 400 of the code `content_filter` is the filter's word on the question. */
export function toFailure({ status, header, text }: Posted, now: number): ModelFailure {
  const error = errorOf(text);
  const code = error?.innererror?.code ?? error?.code ?? error?.type ?? 'no reason given';
  const options: FailureOptions = { retryAfterMs: retryAfterMs(header, now) };
  if (status === 400 && (error?.code === 'content_filter' || code === 'ResponsibleAIPolicyViolation'))
    return new ModelFailure('filtered', "Azure's content filter stopped the question", options);
  return fromStatus(status, code, options);
}

function errorOf(text: string): ErrorAnswer['error'] {
  try {
    // Whatever else stands there (a proxy's page perhaps) is no JSON, or has no such member.
    return (readJson(text) as ErrorAnswer | null)?.error;
  } catch {
    return undefined;
  }
}
