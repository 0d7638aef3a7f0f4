import type { Reply } from './reply.ts';
import { type Heard, type Line, PEER_USAGE, type PeerUsage } from './script.ts';

interface Block {
  readonly text?: string;
  readonly toolUse?: { readonly input?: unknown };
  readonly toolResult?: { readonly content?: readonly Block[] };
}
interface ToolSpec {
  readonly toolSpec: { readonly name: string; readonly inputSchema: { readonly json: unknown } };
}
interface ConverseBody {
  readonly system?: readonly Block[];
  readonly messages?: readonly { readonly role: string; readonly content: readonly Block[] }[];
  readonly toolConfig?: {
    readonly tools: readonly ToolSpec[];
    readonly toolChoice?: { readonly tool?: { readonly name: string } };
  };
  readonly outputConfig?: {
    readonly textFormat: { readonly structure: { readonly jsonSchema: { readonly schema: string } } };
  };
  readonly inferenceConfig?: { readonly maxTokens?: number };
}

const CONVERSE = /^\/model\/([^/]+)\/converse$/;
export const BEDROCK = /^\/model\/([^/]+)\/(converse|invoke)$/;

/** What of a request the peer listens to; throws a reply (as AWS would) when it is not of the form. */
export function hearConverse(path: string, body: unknown): Omit<Heard, 'auth' | 'protocol' | 'at'> {
  const model = decodeURIComponent(CONVERSE.exec(path)?.[1] ?? '');
  const { system = [], messages = [], toolConfig, outputConfig } = body as ConverseBody; // checked below
  const roles = messages.map(({ role }) => role);
  if (roles[0] !== 'user' || roles.some((role, i) => i > 0 && role === roles[i - 1]))
    throw invalid('A conversation must alternate between user and assistant roles.');
  const blocks = messages.flatMap(({ content }) => content);
  if (blocks.some(({ toolUse, toolResult }) => toolUse ?? toolResult) && !toolConfig)
    throw invalid('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  const forced = toolConfig?.toolChoice?.tool?.name;
  const tool = toolConfig?.tools.find(({ toolSpec }) => toolSpec.name === forced);
  const native = outputConfig?.textFormat.structure.jsonSchema.schema;
  return {
    vendor: 'bedrock',
    model,
    system: system.map(({ text }) => text ?? '').join('\n'),
    text: blocks.flatMap(textOf).join('\n'),
    tools: toolConfig?.tools.map(({ toolSpec }) => toolSpec.name) ?? [],
    ...(native ? { schema: { how: 'native' as const, json: JSON.parse(native) } } : {}),
    ...(tool ? { schema: { how: 'tool' as const, json: tool.toolSpec.inputSchema.json } } : {}),
    body,
  };
}

const textOf = ({ text, toolUse, toolResult }: Block): string[] => [
  ...(text === undefined ? [] : [text]),
  ...(toolUse ? [JSON.stringify(toolUse.input)] : []),
  ...(toolResult?.content ?? []).flatMap(textOf),
];

/** A line in the words of Converse. */
export function sayConverse(line: Exclude<Line, { kind: 'slow' | 'reset' | 'truncated' }>, heard: Heard): Reply {
  if (line.kind === 'status') return error(line.status, line.headers);
  if (line.kind === 'filter')
    return converse([{ text: 'Blocked.' }], line.what === 'prompt' ? 'guardrail_intervened' : 'content_filtered');
  if (line.kind === 'refusal') return converse([{ text: 'I cannot help with that.' }], 'end_turn');
  if (line.kind === 'call') return converse([call(line.tool, line.input)], 'tool_use', line.usage);
  const forced = heard.schema?.how === 'tool' ? heard.tools[0] : undefined;
  const stop = line.cut ? 'max_tokens' : undefined;
  if (forced && typeof line.say === 'object') return converse([call(forced, line.say)], stop ?? 'tool_use', line.usage);
  return converse(
    [{ text: typeof line.say === 'string' ? line.say : JSON.stringify(line.say) }],
    stop ?? 'end_turn',
    line.usage,
  );
}

const call = (name: string, input: unknown) => ({ toolUse: { toolUseId: `tooluse_${name}`, name, input } });

function converse(
  content: readonly object[],
  stopReason: string,
  { input, cached, output, thought }: PeerUsage = PEER_USAGE,
): Reply {
  const outputTokens = output + (thought ?? 0);
  const usage = {
    inputTokens: input,
    outputTokens,
    totalTokens: input + outputTokens + (cached ?? 0),
    ...(cached ? { cacheReadInputTokens: cached, cacheWriteInputTokens: 0 } : {}),
  };
  const body = { output: { message: { role: 'assistant', content } }, stopReason, usage, metrics: { latencyMs: 1 } };
  return { status: 200, body };
}

const NAMES: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

const error = (status: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'x-amzn-errortype': NAMES[status] ?? 'InternalServerException', ...headers },
  body: { message: 'scripted' },
});

const invalid = (message: string): Reply => ({ ...error(400), body: { message } });

/** Signatures that AWS would refuse. */
export const unsigned = (name: string): Reply => ({
  status: 403,
  headers: { 'x-amzn-errortype': name },
  body: { message: name },
});

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
export function sayTitan(body: unknown, vectorOf: (text: string, length: number) => number[]): Reply {
  const { inputText = '', dimensions = 1024 } = body as { inputText?: string; dimensions?: number };
  return {
    status: 200,
    body: { embedding: vectorOf(inputText, dimensions), inputTextTokenCount: Math.ceil(inputText.length / 4) },
  };
}
