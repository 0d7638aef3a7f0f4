import type {
  Message as BedrockMessage,
  ContentBlock,
  ConverseCommandInput,
  Tool,
} from '@aws-sdk/client-bedrock-runtime';
import type { GenerateRequest, Message } from '../../ports/model.ts';
import type { ModelSettings } from '../routing/configuration.ts';
import { renderParts, renderSystem } from '../routing/prompt.ts';
import { toStrictSchema } from '../routing/structured.ts';

/** The tool that a model without a mode for forms is made to call; its arguments are the answer. */
export const ANSWER_TOOL = 'give_answer';

/** Any JSON, as the SDK's types call it. */
type DocumentType = NonNullable<ConverseCommandInput['additionalModelRequestFields']>;
const toDocument = (value: unknown): DocumentType => value as DocumentType; // plain JSON, made here

/** A request in the words of Converse. */
export function toConverse(model: ModelSettings, request: GenerateRequest): ConverseCommandInput {
  const { schema, tools = [] } = request;
  const strict = schema && toStrictSchema(schema.output);
  const native = strict && model.structured === 'native';
  const words =
    strict && (model.structured === 'words' || (model.structured === 'tool' && tools.length > 0))
      ? `\n\nYour last answer is one JSON value of this schema, and nothing else: ${JSON.stringify(strict)}`
      : '';
  return {
    modelId: model.id,
    system: [{ text: renderSystem(request) + words }],
    messages: merged(request.messages.map(toMessage)),
    inferenceConfig: { maxTokens: request.maxOutputTokens + model.thinkingTokens },
    ...toolConfigOf(model, request),
    ...(native
      ? {
          outputConfig: {
            textFormat: {
              type: 'json_schema',
              structure: { jsonSchema: { name: schema.name, schema: JSON.stringify(strict) } },
            },
          },
        }
      : {}),
    ...(Object.keys(model.extra).length > 0 ? { additionalModelRequestFields: toDocument(model.extra) } : {}),
  };
}

function toolConfigOf(model: ModelSettings, request: GenerateRequest): Pick<ConverseCommandInput, 'toolConfig'> {
  const { schema, tools = [], toolChoice = 'auto' } = request;
  if (isForced(model, request) && schema) {
    const answer = toTool(ANSWER_TOOL, 'Gives the answer in its form.', toStrictSchema(schema.output));
    return { toolConfig: { tools: [answer], toolChoice: { tool: { name: ANSWER_TOOL } } } };
  }
  if (tools.length === 0) return {};
  // Converse knows no "none": tools that are not in the request cannot be called. But calls in the conversation need
  // their tools (https://docs.aws.amazon.com/bedrock/latest/userguide/tool-use-inference-call.html).
  if (toolChoice === 'none' && !request.messages.some(({ role }) => role === 'tool')) return {};
  return {
    toolConfig: {
      tools: tools.map(({ name, description, input }) => toTool(name, description, toStrictSchema(input))),
      toolChoice:
        typeof toolChoice === 'object' ? { tool: toolChoice } : toolChoice === 'any' ? { any: {} } : { auto: {} },
    },
  };
}

/** Whether the answer comes as the arguments of a tool that had to be called. */
export const isForced = (model: ModelSettings, { schema, tools = [] }: GenerateRequest): boolean =>
  schema !== undefined && model.structured === 'tool' && tools.length === 0;

const toTool = (name: string, description: string, schema: object): Tool => ({
  toolSpec: { name, description, inputSchema: { json: toDocument(schema) } },
});

/** Roles have to take turns: what one role said in a row becomes one message. */
function merged(messages: readonly BedrockMessage[]): BedrockMessage[] {
  const all: BedrockMessage[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    if (last?.content && last.role === message.role) last.content.push(...(message.content ?? []));
    else all.push(message);
  }
  return all;
}

function toMessage(message: Message): BedrockMessage {
  if (message.role === 'user') return { role: 'user', content: [{ text: renderParts(message.parts) }] };
  if (message.role === 'tool')
    return {
      role: 'user',
      content: message.results.map(({ callId, content, failed }) => ({
        toolResult: { toolUseId: callId, content: [{ text: content }], status: failed ? 'error' : 'success' },
      })),
    };
  const text: ContentBlock[] = message.text ? [{ text: message.text }] : [];
  const calls = (message.toolCalls ?? []).map(
    ({ id, name, arguments: input }): ContentBlock => ({ toolUse: { toolUseId: id, name, input: toDocument(input) } }),
  );
  return { role: 'assistant', content: [...text, ...calls] };
}
