/**
 * What comes in and goes out over HTTP, without the web's classes: the first use of `Request`, `Response` or `Headers` in
 * Node loads all of undici, which is a fifth of a cold start (infra/decisions/cold-start.md). The web's own `Request` is
 * an `Incoming` as it stands, and so is Azure's.
 */
export interface Incoming {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  /** Present while the bytes are still coming; `arrayBuffer` has them all. */
  readonly body?: AsyncIterable<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBufferLike>;
}

/** Header names in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request whose body is at hand, as gateways give it. */
export function incoming(
  method: string,
  url: string,
  headers: Iterable<readonly [name: string, value: string]>,
  body: Uint8Array | undefined,
): Incoming {
  const values = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    const before = values.get(key);
    values.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return {
    method,
    url,
    headers: { get: (name) => values.get(name.toLowerCase()) ?? null },
    arrayBuffer: async () =>
      body ? body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) : new ArrayBuffer(0),
  };
}

/** An answer as the web's class, where a host wants that. */
export const toResponse = ({ status, headers, body }: Answer): Response =>
  new Response(status === 204 ? null : body, { status, headers });
