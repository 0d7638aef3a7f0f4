import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { badRequest, ConflictError, notFound, UnavailableError } from '../../errors.ts';
import { isObjectKey, OBJECT_LIMITS, type ObjectInfo, type Objects, type PutOptions } from '../../ports/objects.ts';
import type { Clients } from './clients.ts';
import { GoogleError } from './errors.ts';
import { signLink } from './links.ts';
import { type Part, toParts } from './parts.ts';
import { refusing } from './rest.ts';
import type { HttpResponse } from './transport.ts';
import { type ObjectResource, type Target, uploadParts, uploadWhole } from './upload.ts';

export interface ObjectOptions {
  readonly bucket: string;
  /** Milliseconds for one attempt to send a part of 8 MiB; a minute unless given. */
  readonly uploadMs?: number;
}

const FIELDS = 'name,size,generation,contentType,updated,metadata';
const BINARY = 'application/octet-stream';

/**
 * Objects on Cloud Storage's JSON API. An object's etag is its generation. A body is held up to its second part: a
 * stream of any length takes 16 MiB of memory.
 */
export function createObjects(clients: Clients, { bucket, uploadMs = 60_000 }: ObjectOptions): Objects {
  const rest = clients.rest('storage');
  const objects = `/storage/v1/b/${encodeURIComponent(bucket)}/o`;
  const pathOf = (key: string) => `${objects}/${encodeURIComponent(key)}`;

  async function head(key: string): Promise<ObjectResource | undefined> {
    return orMissing(
      rest.json<ObjectResource>({ method: 'GET', path: pathOf(key), query: { fields: FIELDS }, safe: true }),
    );
  }

  async function put(
    key: string,
    body: Parameters<Objects['put']>[1],
    { contentType = BINARY, if: wanted }: PutOptions,
  ) {
    if (!/^[\x20-\x7e]+$/.test(contentType)) throw badRequest(`This is no content type: ${contentType.slice(0, 40)}`);
    const conflict = (cause?: Error) => new ConflictError(`object ${key}`, [key], { cause });
    if (wanted !== undefined && wanted !== 'absent' && !/^\d+$/.test(wanted)) throw conflict();
    const ifGenerationMatch = wanted === 'absent' ? '0' : wanted;
    const mark = randomBytes(12).toString('hex');
    const target: Target = { bucket, key, contentType, ifGenerationMatch, mark, uploadMs };
    const parts = toParts(body, OBJECT_LIMITS.partBytes);
    const begun = await parts.next();
    const first = begun.value ?? undefined;
    try {
      // There is always a first part, be it empty.
      if (first?.last) return await uploadWhole(rest, target, first.bytes);
      return await uploadParts(rest, target, following(first, parts));
    } catch (thrown) {
      if (!(thrown instanceof GoogleError && thrown.status === 412)) throw thrown;
      // A repeated put meets its own object when the answer to the one before was lost.
      const found = await head(key);
      if (found?.metadata?.['mark'] === target.mark) return found;
      throw conflict(thrown);
    } finally {
      await parts.return();
    }
  }

  async function open(key: string, range?: { start: number; end?: number }) {
    const headers = range ? { range: `bytes=${range.start}-${range.end ?? ''}` } : {};
    try {
      const call = { method: 'GET', path: pathOf(key), query: { alt: 'media' }, safe: true, streams: true } as const;
      const response = await orMissing(rest.send({ ...call, headers }));
      return response && { ...fromHeaders(key, response), body: ReadableStream.from(streaming(response.body)) };
    } catch (thrown) {
      // The range begins where the object has ended: nothing of it, but there it is.
      if (!(thrown instanceof GoogleError && thrown.status === 416)) throw thrown;
      const found = await head(key);
      return found && { ...fromResource(found), body: ReadableStream.from<Uint8Array>([]) };
    }
  }

  /** A broken connection while reading is told as every other failure of the cloud. */
  async function* streaming(body: Readable): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) yield chunk;
    } catch (cause) {
      throw new UnavailableError(rest.service, 'none', { cause });
    }
  }

  async function list(prefix: string, { cursor, limit }: { cursor?: string; limit?: number }) {
    const page = await rest.json<{ items?: ObjectResource[]; nextPageToken?: string }>({
      method: 'GET',
      path: objects,
      query: {
        prefix,
        maxResults: Math.max(1, Math.min(limit ?? OBJECT_LIMITS.page, OBJECT_LIMITS.page)),
        pageToken: cursor === undefined ? undefined : fromCursor(cursor, prefix),
        fields: `items(${FIELDS}),nextPageToken`,
      },
      safe: true,
    });
    const items = (page.items ?? []).map(fromResource);
    return page.nextPageToken ? { items, cursor: toCursor(page.nextPageToken, prefix) } : { items };
  }

  async function copy(from: string, to: string): Promise<ObjectInfo> {
    // Large objects, or those that change place or class, take several rounds.
    for (let rewriteToken: string | undefined; ; ) {
      const path = `${pathOf(from)}/rewriteTo/b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(to)}`;
      const answer = await orMissing(
        rest.json<{ done: boolean; rewriteToken?: string; resource?: ObjectResource }>({
          method: 'POST',
          path,
          query: { rewriteToken },
          safe: true,
        }),
      );
      if (!answer) throw notFound(`Object ${from}`);
      if (answer.done && answer.resource) return fromResource(answer.resource);
      rewriteToken = answer.rewriteToken;
    }
  }

  const keyed = async <T>(keys: readonly string[], action: () => Promise<T>): Promise<T> => {
    for (const key of keys)
      if (!isObjectKey(key)) throw badRequest(`This is no object key: ${JSON.stringify(key.slice(0, 80))}`);
    return refusing(rest.service, action);
  };

  return {
    put: (key, body, options = {}) => keyed([key], async () => fromResource(await put(key, body, options))),
    get: (key, range) => keyed([key], () => open(key, range)),
    head: (key) =>
      keyed([key], async () => {
        const found = await head(key);
        return found && fromResource(found);
      }),
    list: (prefix, options = {}) => refusing(rest.service, () => list(prefix, options)),
    delete: (key) =>
      keyed([key], async () => {
        await orMissing(rest.json({ method: 'DELETE', path: pathOf(key), safe: true }));
      }),
    copy: (from, to) => keyed([from, to], () => copy(from, to)),
    /** Signed by IAM a link may end after 12 hours, with the key that Google holds: see infra/decisions/gcp-clients.md. */
    signedLink: (key, ttlSeconds, options) =>
      keyed([key], async () => {
        if (!(Number.isInteger(ttlSeconds) && ttlSeconds > 0 && ttlSeconds <= OBJECT_LIMITS.linkSeconds))
          throw badRequest(`A link lives 1 to ${OBJECT_LIMITS.linkSeconds} seconds, not ${ttlSeconds}`);
        return signLink(clients, { bucket, key, ttlSeconds, ...options });
      }),
    close: async () => clients.close(),
  };
}

async function* following(first: Part | undefined, others: AsyncIterable<Part>): AsyncGenerator<Part> {
  if (first) yield first;
  yield* others;
}

const fromResource = ({ name, size, generation, contentType = BINARY, updated }: ObjectResource): ObjectInfo => ({
  key: name,
  size: Number(size),
  etag: generation,
  contentType,
  modifiedAt: Date.parse(updated),
});

/** The same from the headers that come with the content. */
function fromHeaders(key: string, { headers }: HttpResponse): ObjectInfo {
  const whole = /\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1] ?? headers['x-goog-stored-content-length'];
  return {
    key,
    size: Number(whole ?? headers['content-length']),
    etag: String(headers['x-goog-generation']),
    contentType: headers['content-type'] ?? BINARY,
    modifiedAt: Date.parse(headers['last-modified'] ?? ''),
  };
}

/** `undefined` where there is no such object; a missing bucket stays an error. */
async function orMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (thrown instanceof GoogleError && thrown.status === 404 && !/bucket does not exist/.test(thrown.message))
      return undefined;
    throw thrown;
  }
}

const toCursor = (token: string, prefix: string): string =>
  Buffer.from(JSON.stringify([prefix, token])).toString('base64url');

function fromCursor(cursor: string, prefix: string): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(parsed) && parsed[0] === prefix && typeof parsed[1] === 'string') return parsed[1];
  } catch {
    // Said below, as of every other cursor that is not one of ours.
  }
  throw badRequest('This cursor belongs to another question; ask from the start');
}
