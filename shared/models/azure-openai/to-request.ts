import type { GenerateRequest, Message } from '../../ports/model.ts';
import type { ModelSettings } from '../routing/configuration.ts';
import { renderParts, renderSystem } from '../routing/prompt.ts';
import { toStrictSchema } from '../routing/structured.ts';
import type { ChatMessage, ChatRequest, ChatTool } from './wire.ts';

/** A request in the words of chat completions; `model` is the deployment. */
export function toChatRequest(model: ModelSettings, request: GenerateRequest): ChatRequest {
  const { schema, tools = [], toolChoice } = request;
  const native = schema && model.structured === 'native';
  return {
    ...model.extra,
    model: model.id,
    messages: [{ role: 'system', content: systemOf(model, request) }, ...request.messages.flatMap(toChatMessages)],
    // Reasoning models count what they think here as well, and know no `max_tokens`.
    max_completion_tokens: request.maxOutputTokens + model.thinkingTokens,
    ...(tools.length > 0 ? { tools: tools.map(toChatTool), tool_choice: toToolChoice(toolChoice) } : {}),
    ...(native
      ? {
          response_format: {
            type: 'json_schema',
            json_schema: { name: schema.name, strict: true, schema: { ...toStrictSchema(schema.output) } },
          },
        }
      : {}),
  };
}

function systemOf(model: ModelSettings, request: GenerateRequest): string {
  const system = renderSystem(request);
  if (!request.schema || model.structured === 'native') return system;
  return `${system}\n\nAnswer with one JSON value of this schema, and nothing else: ${JSON.stringify(toStrictSchema(request.schema.output))}`;
}

const toChatTool = ({ name, description, input }: NonNullable<GenerateRequest['tools']>[number]): ChatTool => ({
  type: 'function',
  function: { name, description, strict: true, parameters: { ...toStrictSchema(input) } },
});

function toToolChoice(choice: GenerateRequest['toolChoice']): NonNullable<ChatRequest['tool_choice']> {
  if (typeof choice === 'object') return { type: 'function', function: { name: choice.name } };
  return choice === 'any' ? 'required' : (choice ?? 'auto');
}

function toChatMessages(message: Message): ChatMessage[] {
  if (message.role === 'user') return [{ role: 'user', content: renderParts(message.parts) }];
  if (message.role === 'tool')
    return message.results.map(({ callId, content }) => ({ role: 'tool', tool_call_id: callId, content }));
  const calls = message.toolCalls ?? [];
  return [
    {
      role: 'assistant',
      content: message.text ?? null,
      ...(calls.length > 0
        ? {
            tool_calls: calls.map(({ id, name, arguments: input }) => ({
              id,
              type: 'function' as const,
              function: { name, arguments: JSON.stringify(input) },
            })),
          }
        : {}),
    },
  ];
}
