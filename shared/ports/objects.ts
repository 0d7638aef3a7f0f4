/** What is known of an object without reading it. */
export interface ObjectInfo {
  readonly key: string;
  readonly size: number;
  /** Opaque; changes with every put. */
  readonly etag: string;
  readonly contentType: string;
  readonly modifiedAt: number;
}

export interface StoredObject extends ObjectInfo {
  /** The bytes of the range that was asked for (all by default), streamed. */
  readonly body: ReadableStream<Uint8Array>;
}

export interface PutOptions {
  readonly contentType?: string;
  /** `absent`: only if there is none; an etag: only if it is still that one. Throws `ConflictError` otherwise. */
  readonly if?: 'absent' | string;
}

/**
 * Large immutable things: exports, reports, attachments, Parquet files. Keys are `/`-separated, 1 to 900 bytes,
 * without `..`, empty or hidden parts. Bodies over 8 MB go up in parts.
 */
export interface Objects {
  put(key: string, body: Uint8Array | string | ReadableStream<Uint8Array>, options?: PutOptions): Promise<ObjectInfo>;
  /** `undefined` when there is none. `range` is in bytes, `end` inclusive as in HTTP. */
  get(key: string, range?: { start: number; end?: number }): Promise<StoredObject | undefined>;
  head(key: string): Promise<ObjectInfo | undefined>;
  /** In order of key, paged (at most 1,000 a page). */
  list(
    prefix: string,
    options?: { cursor?: string; limit?: number },
  ): Promise<{ items: readonly ObjectInfo[]; cursor?: string }>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  copy(from: string, to: string): Promise<ObjectInfo>;
  /** A link by which anyone can read the object for `ttlSeconds` (at most 7 days). */
  signedLink(key: string, ttlSeconds: number, options?: { fileName?: string }): Promise<string>;
  close?(): Promise<void>;
}

export const OBJECT_LIMITS = {
  keyBytes: 900,
  linkSeconds: 7 * 24 * 3600,
  page: 1000,
  partBytes: 8 * 1024 * 1024,
} as const;

/** Refuses keys that some cloud or file system would take for something else. */
export function isObjectKey(key: string): boolean {
  return (
    key.length > 0 &&
    new TextEncoder().encode(key).length <= OBJECT_LIMITS.keyBytes &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being refused.
    !/[\u0000-\u001f\u007f\\]/.test(key) &&
    key.split('/').every((part) => part !== '' && !part.startsWith('.'))
  );
}
