import type { GenerateRequest, ToolCall, Usage } from '../../ports/model.ts';
import type { ModelSettings } from './configuration.ts';

/** One attempt at one model; the routing repeats, a provider never does. */
export interface Attempt {
  /** Milliseconds until the whole answer must be there. */
  readonly timeoutMs: number;
  /** Aborted when nobody wants the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

export interface ProviderAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly stop: 'end' | 'tool' | 'length';
  readonly usage: Usage;
}

export interface ProviderEmbeddings {
  /** In order of the texts; as the vendor gives them, whatever their length. */
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage;
}

/** One vendor's models under one account. Every method throws `ModelFailure` and nothing else. */
export interface Provider {
  generate(model: ModelSettings, request: GenerateRequest, attempt: Attempt): Promise<ProviderAnswer>;
  /** As many texts as `batchOf` says for the model. */
  embed(
    model: ModelSettings,
    texts: readonly string[],
    kind: 'document' | 'query',
    attempt: Attempt,
  ): Promise<ProviderEmbeddings>;
  close(): void;
}
