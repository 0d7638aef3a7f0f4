import { OBJECT_LIMITS } from '../../ports/objects.ts';

/** A body in parts of `OBJECT_LIMITS.partBytes`; the last may be shorter. At least one, which may be empty. */
export async function* toParts(body: Uint8Array | string | ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const size = OBJECT_LIMITS.partBytes;
  if (!(body instanceof ReadableStream)) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    for (let start = 0; start === 0 || start < bytes.length; start += size) yield bytes.subarray(start, start + size);
    return;
  }
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    let rest = chunk;
    while (length + rest.length > size) {
      yield Buffer.concat([...waiting, rest.subarray(0, size - length)]);
      rest = rest.subarray(size - length);
      waiting = [];
      length = 0;
    }
    waiting.push(rest);
    length += rest.length;
  }
  yield Buffer.concat(waiting);
}
