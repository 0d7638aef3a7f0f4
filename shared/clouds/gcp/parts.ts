export interface Part {
  readonly bytes: Buffer;
  readonly last: boolean;
}

/**
 * A body in parts of exactly `size` bytes but the last, which may be empty if it is the only one. No more than two parts
 * are in memory. Throws what the source throws.
 */
export async function* toParts(
  body: Uint8Array | string | ReadableStream<Uint8Array>,
  size: number,
): AsyncGenerator<Part, void, undefined> {
  let waiting: Buffer[] = [];
  let held = 0;
  for await (const piece of pieces(body)) {
    waiting.push(piece);
    held += piece.length;
    // Strictly more, so that something is left to be the last part.
    while (held > size) {
      const all = Buffer.concat(waiting, held);
      yield { bytes: all.subarray(0, size), last: false };
      waiting = [all.subarray(size)];
      held -= size;
    }
  }
  yield { bytes: Buffer.concat(waiting, held), last: true };
}

async function* pieces(body: Uint8Array | string | ReadableStream<Uint8Array>): AsyncGenerator<Buffer> {
  if (typeof body === 'string') yield Buffer.from(body);
  else if (body instanceof Uint8Array) yield toBuffer(body);
  else for await (const piece of body) yield toBuffer(piece);
}

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
