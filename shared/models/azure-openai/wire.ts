import type OpenAI from 'openai';

/** What travels, by the official client's own types: they cost no byte, and a change of theirs is a compile error here. */
export type ChatRequest = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;
export type ChatMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;
export type ChatTool = OpenAI.Chat.Completions.ChatCompletionFunctionTool;
export type ChatAnswer = OpenAI.Chat.Completions.ChatCompletion;
export type EmbeddingsRequest = OpenAI.Embeddings.EmbeddingCreateParams;
export type EmbeddingsAnswer = OpenAI.Embeddings.CreateEmbeddingResponse;

/** The error of an answer that is none; Azure's filter says what it found in `innererror`. */
export interface ErrorAnswer {
  readonly error?: {
    readonly code?: string | null;
    readonly type?: string;
    readonly innererror?: { readonly code?: string };
  };
}
