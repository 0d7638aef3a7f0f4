import type { Usage } from './model.ts';

export interface EmbedOptions {
  /** What the texts are: things to be found, or a question that looks for them. `document` unless told otherwise. */
  readonly kind?: 'document' | 'query';
  /** Only models of this space may answer: vectors of different spaces cannot be compared. */
  readonly space?: string;
  /** Epoch milliseconds after which nobody waits. */
  readonly deadline?: number;
  /** The ticket that pays. */
  readonly ticket?: string;
}

export interface Embedded {
  /** One for each text, in order, of length 1 (so that a dot product is the cosine). */
  readonly vectors: readonly Float32Array[];
  /** Name of the vector space, `amazon.titan-embed-text-v2:0/1024`: keep it beside stored vectors. */
  readonly space: string;
  readonly model: string;
  /** US dollars as a decimal string. */
  readonly cost: string;
  readonly usage: Usage;
}

/** Texts as vectors, for search by meaning. */
export interface Embeddings {
  /**
   * `undefined` when no model is configured for it (or none of that space), and when none answers in time or within the
   * budget: search by words then. At most 1,000 texts; batching is the adapter's. Throws `LimitError` above that.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Embedded | undefined>;
}
