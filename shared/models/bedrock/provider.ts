import { BedrockRuntimeClient, ConverseCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime';
import type { Environment } from '../../settings.ts';
import type { ModelSettings, ProviderSettings } from '../routing/configuration.ts';
import { ModelFailure } from '../routing/failure.ts';
import type { Attempt, Provider } from '../routing/provider.ts';
import { toFailure } from './errors.ts';
import { fromConverse } from './from-answer.ts';
import { isForced, toConverse } from './to-request.ts';

type Settings = Extract<ProviderSettings, { kind: 'bedrock' }>;

/**
 * Bedrock by Converse, and Titan's embedding models by InvokeModel. The SDK signs and finds the role; it makes one
 * attempt, because the routing repeats.
 */
export function openBedrock({ region, endpoint }: Settings, env: Environment): Provider {
  const address = endpoint ?? env['AWS_ENDPOINT_URL_BEDROCK_RUNTIME'];
  const client = new BedrockRuntimeClient({ region, maxAttempts: 1, ...(address ? { endpoint: address } : {}) });

  return {
    async generate(model, request, attempt) {
      const output = await inTime(attempt, (abortSignal) =>
        client.send(new ConverseCommand(toConverse(model, request)), { abortSignal }),
      );
      return fromConverse(output, isForced(model, request));
    },
    async embed(model, texts, _kind, attempt) {
      const all = await Promise.all(texts.map((text) => embedOne(model, text, attempt)));
      const inputTokens = all.reduce((sum, { tokens }) => sum + tokens, 0);
      return { vectors: all.map(({ vector }) => vector), usage: { inputTokens, outputTokens: 0 } };
    },
    close: () => client.destroy(),
  };

  /** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
  async function embedOne(model: ModelSettings, text: string, attempt: Attempt) {
    const dimensions = model.dimensions ? { dimensions: model.dimensions, normalize: true } : {};
    const body = JSON.stringify({ ...model.extra, inputText: text, ...dimensions });
    const command = new InvokeModelCommand({ modelId: model.id, contentType: 'application/json', body });
    const output = await inTime(attempt, (abortSignal) => client.send(command, { abortSignal }));
    const answer = readAnswer(output.body.transformToString());
    if (!answer.embedding?.length) throw new ModelFailure('down', 'the answer lacks a vector');
    return { vector: answer.embedding, tokens: answer.inputTextTokenCount ?? 0 };
  }
}

function readAnswer(text: string): { readonly embedding?: readonly number[]; readonly inputTextTokenCount?: number } {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFailure('down', 'the answer is no JSON', { lost: true, cause });
  }
}

/** One call that ends at its time; everything that goes wrong becomes a `ModelFailure`. */
async function inTime<T>({ timeoutMs, signal }: Attempt, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = AbortSignal.timeout(Math.ceil(timeoutMs));
  try {
    return await send(signal ? AbortSignal.any([signal, end]) : end);
  } catch (error) {
    if (signal?.aborted) throw new ModelFailure('aborted', 'nobody waits any more', { lost: true, cause: error });
    if (end.aborted)
      throw new ModelFailure('down', `time-out after ${Math.round(timeoutMs)} ms`, { lost: true, cause: error });
    throw error instanceof ModelFailure ? error : toFailure(error, Date.now());
  }
}
