import type { FunctionCallingConfigMode } from '@google/genai';
import type { GenerateRequest, Message } from '../../ports/model.ts';
import type { ModelSettings } from '../routing/configuration.ts';
import { renderParts, renderSystem } from '../routing/prompt.ts';
import { toStrictSchema } from '../routing/structured.ts';
import type { Content, ContentRequest, FunctionDeclaration, Part } from './wire.ts';

/** A request in the words of `generateContent`. */
export function toContentRequest(model: ModelSettings, request: GenerateRequest): ContentRequest {
  const { schema, tools = [], toolChoice } = request;
  const { generationConfig, ...extra } = model.extra;
  // Gemini before 3 takes no tools beside a demanded form; the form is told in words then.
  const native = schema && model.structured === 'native' && tools.length === 0;
  const words =
    schema && !native
      ? `\n\nYour last answer is one JSON value of this schema, and nothing else: ${JSON.stringify(toStrictSchema(schema.output))}`
      : '';
  return {
    ...extra,
    systemInstruction: { parts: [{ text: renderSystem(request) + words }] },
    contents: request.messages.map(toContent),
    ...(tools.length > 0
      ? { tools: [{ functionDeclarations: tools.map(toDeclaration) }], toolConfig: toToolConfig(toolChoice) }
      : {}),
    generationConfig: {
      // What the model thinks counts here as well.
      maxOutputTokens: request.maxOutputTokens + model.thinkingTokens,
      ...(native ? { responseMimeType: 'application/json', responseJsonSchema: toStrictSchema(schema.output) } : {}),
      ...(generationConfig as object | undefined), // the configuration's own words, as the vendor takes them
    },
  };
}

const toDeclaration = ({
  name,
  description,
  input,
}: NonNullable<GenerateRequest['tools']>[number]): FunctionDeclaration => ({
  name,
  description,
  parametersJsonSchema: toStrictSchema(input),
});

function toToolConfig(choice: GenerateRequest['toolChoice']): NonNullable<ContentRequest['toolConfig']> {
  const mode = typeof choice === 'object' || choice === 'any' ? 'ANY' : choice === 'none' ? 'NONE' : 'AUTO';
  return {
    functionCallingConfig: {
      mode: mode as FunctionCallingConfigMode, // an enum by name, its values are these words
      ...(typeof choice === 'object' ? { allowedFunctionNames: [choice.name] } : {}),
    },
  };
}

function toContent(message: Message): Content {
  if (message.role === 'user') return { role: 'user', parts: [{ text: renderParts(message.parts) }] };
  if (message.role === 'tool')
    return {
      role: 'user',
      parts: message.results.map(({ name, content, failed }) => ({
        functionResponse: { name, response: failed ? { error: content } : { output: content } },
      })),
    };
  const text: Part[] = message.text ? [{ text: message.text }] : [];
  const calls = (message.toolCalls ?? []).map(
    ({ name, arguments: input, signature }): Part => ({
      functionCall: { name, args: toArgs(input) },
      ...(signature === undefined ? {} : { thoughtSignature: signature }),
    }),
  );
  return { role: 'model', parts: [...text, ...calls] };
}

/** Arguments are an object by the tool's schema; anything else is an answer of the model that was refused. */
const toArgs = (input: unknown): Record<string, unknown> => Object(input) as Record<string, unknown>;
