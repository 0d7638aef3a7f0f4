import { AppError, badRequest } from '../errors.ts';
import type { Incoming } from './exchange.ts';

/** Longest body that is read; longer things travel as objects. Bytes. */
export const BODY_LIMIT = 256 * 1024;
const DEPTH_LIMIT = 64;

/**
 * The JSON body of a request. Throws 413 over `BODY_LIMIT`, 415 for another content type, 400 for invalid UTF-8,
 * malformed JSON, and nesting over 64 levels (which would cost some reader its stack later).
 */
export async function readJson(request: Incoming): Promise<unknown> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/([\w.-]+\+)?json\s*(;|$)/i.test(type))
    throw new AppError(
      'unsupported_media_type',
      `Send application/json; this is ${type ? `"${type.slice(0, 80)}"` : 'without a content type'}`,
      { status: 415 },
    );
  if (Number(request.headers.get('content-length') ?? 0) > BODY_LIMIT) throw tooLarge();
  const bytes = await readBytes(request);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError('bad_request', 'The body is not valid UTF-8', { status: 400, cause });
  }
  if (isDeep(text)) throw badRequest(`The body is nested more than ${DEPTH_LIMIT} levels deep`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError(
      'bad_request',
      text.trim() === '' ? 'The body is empty; send a JSON document' : 'The body is not valid JSON',
      { status: 400, cause },
    );
  }
}

async function readBytes(request: Incoming): Promise<Uint8Array> {
  // A declared length was checked, and servers cut bodies at it; without one the stream is counted as it comes.
  if (request.headers.get('content-length') !== null || !request.body)
    return checked(new Uint8Array(await request.arrayBuffer()));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function checked(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength > BODY_LIMIT) throw tooLarge();
  return bytes;
}

const tooLarge = () => new AppError('too_large', `The body is over ${BODY_LIMIT / 1024} kB`, { status: 413 });

/** Counts brackets outside of strings, without parsing. */
function isDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (quoted) {
      if (c === 92) i++;
      else if (c === 34) quoted = false;
    } else if (c === 34) quoted = true;
    else if (c === 123 || c === 91) {
      if (++depth > DEPTH_LIMIT) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
}
