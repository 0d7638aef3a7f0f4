import type { Readable } from 'node:stream';
import { TransportError } from './transport.ts';

const [QUOTE, BACKSLASH, OPEN, CLOSE, ARRAY, END] = [...Buffer.from('"\\{}[]')];

/**
 * The objects of a JSON array that arrives in pieces, until `maxBytes` of them are there; `complete` tells whether all
 * were. Firestore streams its answers in this form and knows a limit of documents, none of bytes: a page of a thousand
 * large items would not fit into a small function's memory. Throws `TransportError` when the answer is cut short.
 */
export async function readRows<T>(body: Readable, maxBytes: number): Promise<{ rows: T[]; complete: boolean }> {
  const rows: T[] = [];
  let taken = 0;
  let pieces: Buffer[] = [];
  let depth = 0;
  let quoted = false;
  let escaped = false;
  let ended = false;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      let start = 0;
      for (let i = 0; i < chunk.length; i += 1) {
        const byte = chunk[i];
        if (quoted) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) quoted = false;
        } else if (byte === QUOTE) quoted = true;
        else if (byte === OPEN || byte === ARRAY) {
          if (byte === OPEN && depth === 1) start = i;
          depth += 1;
        } else if (byte === CLOSE || byte === END) {
          depth -= 1;
          if (depth === 0) ended = true;
          if (byte !== CLOSE || depth !== 1) continue;
          pieces.push(chunk.subarray(start, i + 1));
          const row = Buffer.concat(pieces);
          pieces = [];
          // The cast is the caller's knowledge of the service's rows.
          rows.push(JSON.parse(row.toString('utf8')) as T);
          taken += row.length;
          if (taken >= maxBytes) return { rows, complete: false };
        }
      }
      if (depth > 1) pieces.push(chunk.subarray(start));
    }
  } catch (cause) {
    throw new TransportError('the answer was cut short', 'unknown', cause);
  }
  if (!ended) throw new TransportError('the answer was cut short', 'unknown');
  return { rows, complete: true };
}
