import { randomUUID } from 'node:crypto';
import { ConflictError } from '../../errors.ts';
import { OBJECT_LIMITS, type ObjectInfo, type PutOptions } from '../../ports/objects.ts';
import type { Blobs } from './blobs.ts';
import { header } from './http.ts';
import type { Retrying } from './retry.ts';
import { toXml } from './xml.ts';

/** Azure's own word for a blob whose type nobody told. */
export const UNKNOWN_TYPE = 'application/octet-stream';

export type Body = Uint8Array | string | ReadableStream<Uint8Array>;

export interface Place {
  readonly blobs: Blobs;
  readonly retrying: Retrying;
  head(key: string): Promise<(ObjectInfo & { readonly mark: string | undefined }) | undefined>;
}

/**
 * Up to 8 MB in one request, more in blocks that become the blob with one last request. A source that breaks leaves
 * blocks that nobody sees; Blob Storage drops them after a week.
 */
export async function upload(place: Place, key: string, body: Body, options: PutOptions): Promise<ObjectInfo> {
  const { blobs, retrying } = place;
  const contentType = options.contentType ?? UNKNOWN_TYPE;
  // Tells our own blob from somebody else's, when the answer to a conditional put was lost.
  const mark = randomUUID();
  const headers = {
    'x-ms-blob-content-type': contentType,
    'x-ms-meta-put': mark,
    ...(options.if === undefined
      ? {}
      : options.if === 'absent'
        ? { 'if-none-match': '*' }
        : { 'if-match': `"${options.if}"` }),
  };

  function finish(
    parameters: Record<string, string>,
    sent: { body: Uint8Array | string; headers: Record<string, string> },
    size: number,
  ): Promise<ObjectInfo> {
    return retrying({ operation: 'put' }, async ({ afterLost }) => {
      const url = blobs.url(key, parameters);
      const request = { method: 'PUT', url, body: sent.body, headers: { ...headers, ...sent.headers } } as const;
      const answer = await blobs.send({ ...request, expected: [201, 404, 409, 412] });
      if (answer.status === 201) {
        const modifiedAt = Date.parse(header(answer.headers, 'last-modified') ?? '');
        return { key, size, etag: toEtag(header(answer.headers, 'etag')), contentType, modifiedAt };
      }
      const there = afterLost ? await place.head(key) : undefined;
      if (there?.mark === mark) return there;
      throw new ConflictError('the object store', [key]);
    });
  }

  let ids: string[] = [];
  let size = 0;
  for await (const part of partsOf(body)) {
    size += part.bytes.length;
    if (part.isLast && ids.length === 0)
      return finish({}, { body: part.bytes, headers: { 'x-ms-blob-type': 'BlockBlob' } }, size);
    // Ids of one blob have one length; those of different uploads must not meet.
    const blockid = Buffer.from(`${mark}-${String(ids.length).padStart(5, '0')}`).toString('base64');
    const url = blobs.url(key, { comp: 'block', blockid });
    await retrying({ operation: 'put block' }, () =>
      blobs.send({ method: 'PUT', url, body: part.bytes, expected: [201] }),
    );
    ids = [...ids, blockid];
  }
  const list = `<?xml version="1.0" encoding="utf-8"?><BlockList>${ids.map((id) => `<Latest>${toXml(id)}</Latest>`).join('')}</BlockList>`;
  return finish({ comp: 'blocklist' }, { body: list, headers: {} }, size);
}

interface Part {
  readonly bytes: Uint8Array;
  readonly isLast: boolean;
}

/** A body in pieces of the same size, but for the last one; at least one, which may be empty. */
async function* partsOf(body: Body): AsyncGenerator<Part> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunksOf(body)) {
    for (let rest = chunk; rest.length > 0; ) {
      // Only when more follows is a full piece known not to be the last.
      if (length === OBJECT_LIMITS.partBytes) {
        yield { bytes: Buffer.concat(chunks), isLast: false };
        [chunks, length] = [[], 0];
      }
      const taken = rest.subarray(0, OBJECT_LIMITS.partBytes - length);
      chunks.push(taken);
      length += taken.length;
      rest = rest.subarray(taken.length);
    }
  }
  yield { bytes: Buffer.concat(chunks), isLast: true };
}

async function* chunksOf(body: Body): AsyncGenerator<Uint8Array> {
  if (typeof body === 'string') yield Buffer.from(body);
  else if (body instanceof Uint8Array) yield body;
  else yield* body;
}

/** Etags come with quotes in headers and without in lists. */
export const toEtag = (text: string | undefined): string => (text ?? '').replaceAll('"', '');
