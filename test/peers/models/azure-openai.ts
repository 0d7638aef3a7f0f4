import type { Reply } from './reply.ts';
import { type Heard, type Line, PEER_USAGE, type PeerUsage } from './script.ts';

interface ChatBody {
  readonly model?: string;
  readonly messages?: readonly {
    readonly role: string;
    readonly content?: string | null;
    readonly tool_calls?: readonly { readonly function: { readonly arguments: string } }[];
  }[];
  readonly tools?: readonly {
    readonly function: { readonly name: string; readonly strict?: boolean; readonly parameters: unknown };
  }[];
  readonly response_format?: { readonly json_schema?: { readonly strict?: boolean; readonly schema: unknown } };
  readonly max_tokens?: number;
}

export const AZURE = /^\/openai\/v1\/(chat\/completions|embeddings)$/;

export function hearChat(body: unknown): Omit<Heard, 'auth' | 'protocol' | 'at'> {
  const { model = '', messages = [], tools = [], response_format, max_tokens } = body as ChatBody; // checked below
  if (max_tokens !== undefined)
    throw error(
      400,
      {},
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'.",
    );
  const schema = response_format?.json_schema;
  for (const json of [
    schema?.strict ? schema.schema : undefined,
    ...tools.map((tool) => (tool.function.strict ? tool.function.parameters : undefined)),
  ])
    if (json && !isStrict(json)) throw error(400, {}, 'Invalid schema for response_format');
  const rest = messages.filter(({ role }) => role !== 'system');
  return {
    vendor: 'azure-openai',
    model,
    system: messages
      .filter(({ role }) => role === 'system')
      .map(({ content }) => content ?? '')
      .join('\n'),
    text: rest
      .flatMap(({ content, tool_calls = [] }) => [content ?? '', ...tool_calls.map((one) => one.function.arguments)])
      .join('\n'),
    tools: tools.map((tool) => tool.function.name),
    ...(schema ? { schema: { how: 'native' as const, json: schema.schema } } : {}),
    body,
  };
}

const LIMITS = [
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minimum',
  'maximum',
  'multipleOf',
  'minItems',
  'maxItems',
];

/**
 * Azure's strict mode wants every member required, no others, and knows no limits of values
 * (https://learn.microsoft.com/azure/ai-foundry/openai/how-to/structured-outputs#supported-schemas-and-limitations).
 */
function isStrict(json: unknown): boolean {
  if (Array.isArray(json)) return json.every(isStrict);
  if (typeof json !== 'object' || json === null) return true;
  const { properties, required, additionalProperties, ...rest } = json as Readonly<Record<string, unknown>>;
  if (LIMITS.some((keyword) => keyword in rest)) return false;
  if (properties === undefined) return Object.values(rest).every(isStrict);
  const names = Object.keys(Object(properties));
  const whole =
    additionalProperties === false && Array.isArray(required) && names.every((name) => required.includes(name));
  return whole && Object.values(Object(properties)).every(isStrict);
}

/** A line in the words of chat completions. */
export function sayChat(line: Exclude<Line, { kind: 'slow' | 'reset' | 'truncated' }>, heard: Heard): Reply {
  if (line.kind === 'status') return error(line.status, line.headers);
  if (line.kind === 'filter' && line.what === 'prompt')
    return {
      status: 400,
      body: {
        error: {
          message: 'The response was filtered',
          type: null,
          param: 'prompt',
          code: 'content_filter',
          status: 400,
          innererror: {
            code: 'ResponsibleAIPolicyViolation',
            content_filter_result: { jailbreak: { filtered: true, detected: true } },
          },
        },
      },
    };
  if (line.kind === 'filter') return chat(heard, { content: '' }, 'content_filter');
  if (line.kind === 'refusal') return chat(heard, { content: null, refusal: 'I cannot help with that.' }, 'stop');
  if (line.kind === 'call') {
    const call = {
      id: `call_${line.tool}`,
      type: 'function',
      function: { name: line.tool, arguments: JSON.stringify(line.input) },
    };
    return chat(heard, { content: null, tool_calls: [call] }, 'tool_calls', line.usage);
  }
  const content = typeof line.say === 'string' ? line.say : JSON.stringify(line.say);
  return chat(heard, { content }, line.cut ? 'length' : 'stop', line.usage);
}

function chat(
  heard: Heard,
  message: object,
  finish_reason: string,
  { input, cached = 0, output, thought = 0 }: PeerUsage = PEER_USAGE,
): Reply {
  const [prompt_tokens, completion_tokens] = [input + cached, output + thought];
  return {
    status: 200,
    body: {
      id: 'chatcmpl-peer',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: heard.model,
      choices: [{ index: 0, message: { role: 'assistant', refusal: null, ...message }, finish_reason, logprobs: null }],
      usage: {
        prompt_tokens,
        completion_tokens,
        total_tokens: prompt_tokens + completion_tokens,
        prompt_tokens_details: { cached_tokens: cached },
        completion_tokens_details: { reasoning_tokens: thought },
      },
    },
  };
}

const CODES: Readonly<Record<number, string>> = {
  401: 'PermissionDenied',
  404: 'DeploymentNotFound',
  429: 'too_many_requests',
};

const error = (status: number, headers: Readonly<Record<string, string>> = {}, message = 'scripted'): Reply => ({
  status,
  headers,
  body: { error: { code: CODES[status] ?? String(status), message } },
});

export const unauthorized = (): Reply => error(401);

export function sayEmbeddings(body: unknown, vectorOf: (text: string, length: number) => number[]): Reply {
  const { model, input, dimensions = 1536 } = body as { model: string; input: readonly string[]; dimensions?: number };
  const texts = [input].flat();
  const tokens = texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
  // Out of order on purpose: `index` says which is which.
  const data = texts
    .map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text, dimensions) }))
    .toReversed();
  return { status: 200, body: { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } } };
}
