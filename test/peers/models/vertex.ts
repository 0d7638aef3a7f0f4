import type { Reply } from './reply.ts';
import { type Heard, type Line, PEER_USAGE, type PeerUsage } from './script.ts';

interface GeminiPart {
  readonly text?: string;
  readonly functionCall?: { readonly args?: unknown };
  readonly functionResponse?: { readonly response?: unknown };
}
interface ContentBody {
  readonly systemInstruction?: { readonly parts: readonly GeminiPart[] };
  readonly contents?: readonly { readonly parts: readonly GeminiPart[] }[];
  readonly tools?: readonly { readonly functionDeclarations: readonly { readonly name: string }[] }[];
  readonly generationConfig?: { readonly responseMimeType?: string; readonly responseJsonSchema?: unknown };
}

export const VERTEX =
  /^\/v1(?:beta1)?\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google\/models\/([^/:]+):(generateContent|predict)$/;

export function hearContent(path: string, body: unknown): Omit<Heard, 'auth' | 'protocol' | 'at'> {
  const { systemInstruction, contents = [], tools = [], generationConfig } = body as ContentBody;
  if (contents.length === 0) throw error(400);
  const names = tools.flatMap(({ functionDeclarations }) => functionDeclarations.map(({ name }) => name));
  const schema = generationConfig?.responseJsonSchema;
  if (schema && (generationConfig?.responseMimeType !== 'application/json' || names.length > 0)) throw error(400);
  return {
    vendor: 'vertex',
    model: VERTEX.exec(path)?.[1] ?? '',
    system: systemInstruction?.parts.map(({ text }) => text ?? '').join('\n') ?? '',
    text: contents
      .flatMap(({ parts }) => parts)
      .map(
        ({ text, functionCall, functionResponse }) =>
          text ?? JSON.stringify(functionCall?.args ?? functionResponse?.response),
      )
      .join('\n'),
    tools: names,
    ...(schema ? { schema: { how: 'native' as const, json: schema } } : {}),
    body,
  };
}

/** A line in the words of `generateContent`. */
export function sayContent(line: Exclude<Line, { kind: 'slow' | 'reset' | 'truncated' }>): Reply {
  if (line.kind === 'status') return error(line.status, line.headers);
  if (line.kind === 'filter' && line.what === 'prompt')
    return {
      status: 200,
      body: { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: usageOf(PEER_USAGE) },
    };
  if (line.kind === 'filter') return content([], 'SAFETY');
  if (line.kind === 'refusal') return content([{ text: 'I cannot help with that.' }], 'STOP');
  if (line.kind === 'call')
    return content(
      [{ functionCall: { name: line.tool, args: line.input }, thoughtSignature: 'c2lnbmF0dXJl' }],
      'STOP',
      line.usage,
    );
  const text = typeof line.say === 'string' ? line.say : JSON.stringify(line.say);
  const thought = line.usage?.thought ? [{ text: 'thinking', thought: true }] : [];
  return content([...thought, { text }], line.cut ? 'MAX_TOKENS' : 'STOP', line.usage);
}

const content = (parts: readonly object[], finishReason: string, usage: PeerUsage = PEER_USAGE): Reply => ({
  status: 200,
  body: {
    candidates: [{ content: { role: 'model', parts }, finishReason, index: 0 }],
    usageMetadata: usageOf(usage),
    modelVersion: 'peer',
  },
});

const usageOf = ({ input, cached = 0, output, thought = 0 }: PeerUsage) => ({
  promptTokenCount: input + cached,
  candidatesTokenCount: output,
  totalTokenCount: input + cached + output + thought,
  ...(cached ? { cachedContentTokenCount: cached } : {}),
  ...(thought ? { thoughtsTokenCount: thought } : {}),
});

const STATUSES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** https://google.aip.dev/193. Gemini's 429 has no Retry-After. */
const error = (code: number, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: code,
  headers,
  body: { error: { code, message: 'scripted', status: STATUSES[code] ?? 'INTERNAL' } },
});

export const unauthenticated = (): Reply => error(401);

export function sayPredict(path: string, body: unknown, vectorOf: (text: string, length: number) => number[]): Reply {
  const { instances = [], parameters } = body as {
    instances?: readonly { readonly content: string }[];
    parameters?: { readonly outputDimensionality?: number };
  };
  // The Gemini models take one text a request, the older ones up to 250.
  if (instances.length > (VERTEX.exec(path)?.[1]?.startsWith('gemini-') ? 1 : 250)) return error(400);
  const length = parameters?.outputDimensionality ?? 3072;
  const predictions = instances.map(({ content: text }) => ({
    embeddings: {
      values: vectorOf(text, length),
      statistics: { truncated: false, token_count: Math.ceil(text.length / 4) },
    },
  }));
  return { status: 200, body: { predictions } };
}
