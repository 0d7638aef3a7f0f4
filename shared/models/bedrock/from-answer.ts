import type { ConverseCommandOutput, StopReason, TokenUsage } from '@aws-sdk/client-bedrock-runtime';
import type { ToolCall, Usage } from '../../ports/model.ts';
import { ModelFailure } from '../routing/failure.ts';
import type { ProviderAnswer } from '../routing/provider.ts';
import { ANSWER_TOOL } from './to-request.ts';

const FILTERED: readonly (StopReason | undefined)[] = ['guardrail_intervened', 'content_filtered'];
const CUT: readonly (StopReason | undefined)[] = ['max_tokens', 'model_context_window_exceeded'];

/** Reads an answer; `forced` when it was demanded as a tool's arguments. Throws `filtered` with the usage. */
export function fromConverse(output: ConverseCommandOutput, forced: boolean): ProviderAnswer {
  const usage = fromUsage(output.usage);
  if (FILTERED.includes(output.stopReason))
    throw new ModelFailure('filtered', `Bedrock stopped the answer (${output.stopReason})`, { usage });
  const blocks = output.output?.message?.content;
  if (!blocks) throw new ModelFailure('down', 'the answer holds no message', { usage });
  const toolCalls = blocks.flatMap(({ toolUse }): ToolCall[] =>
    toolUse ? [{ id: toolUse.toolUseId ?? '', name: toolUse.name ?? '', arguments: toolUse.input }] : [],
  );
  const said = blocks.map(({ text }) => text ?? '').join('');
  const cut = CUT.includes(output.stopReason);
  if (!forced) return { text: said, toolCalls, stop: toolCalls.length > 0 ? 'tool' : cut ? 'length' : 'end', usage };
  const answer = toolCalls.find(({ name }) => name === ANSWER_TOOL);
  return { text: answer ? JSON.stringify(answer.arguments) : said, toolCalls: [], stop: cut ? 'length' : 'end', usage };
}

/** `inputTokens` leaves out what the cache gave and took; we count it in. */
export function fromUsage(usage: TokenUsage | undefined): Usage {
  const cached = usage?.cacheReadInputTokens ?? 0;
  const written = usage?.cacheWriteInputTokens ?? 0;
  return {
    inputTokens: (usage?.inputTokens ?? 0) + cached + written,
    outputTokens: usage?.outputTokens ?? 0,
    ...(cached ? { cachedTokens: cached } : {}),
    ...(written ? { cacheWriteTokens: written } : {}),
  };
}
