import type {
  Content,
  FunctionDeclaration,
  GenerateContentResponse,
  GenerationConfig,
  Part,
  ToolConfig,
} from '@google/genai';

/** What travels, by the official client's own types: they cost no byte. */
export type { Content, FunctionDeclaration, Part };

/** Body of `:generateContent`; the client has no name for it. */
export interface ContentRequest {
  readonly systemInstruction: { readonly parts: readonly { readonly text: string }[] };
  readonly contents: readonly Content[];
  readonly tools?: readonly { readonly functionDeclarations: readonly FunctionDeclaration[] }[];
  readonly toolConfig?: ToolConfig;
  readonly generationConfig: GenerationConfig;
}

/** The data of the client's class, without its getters. */
export type ContentAnswer = Pick<GenerateContentResponse, 'candidates' | 'promptFeedback' | 'usageMetadata'>;

/** https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
export interface PredictAnswer {
  readonly predictions?: readonly {
    readonly embeddings?: {
      readonly values?: readonly number[];
      readonly statistics?: { readonly token_count?: number; readonly truncated?: boolean };
    };
  }[];
}

/** https://google.aip.dev/193 */
export interface ErrorAnswer {
  readonly error?: {
    readonly status?: string;
    readonly details?: readonly { readonly '@type'?: string; readonly retryDelay?: string }[];
  };
}
