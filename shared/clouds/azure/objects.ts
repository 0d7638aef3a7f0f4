import { AppError, badRequest, notFound, UnavailableError } from '../../errors.ts';
import { isObjectKey, OBJECT_LIMITS, type ObjectInfo, type Objects } from '../../ports/objects.ts';
import { createBlobs } from './blobs.ts';
import { bearer, type ClientOptions, createClient } from './clients.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { Fault } from './errors.ts';
import { chunksOf, type HttpAnswer, header, type OpenAnswer } from './http.ts';
import { type DelegationKey, toDelegationKey, toDelegationSas, toSasTime, toServiceSas } from './sas-link.ts';
import { sharedKey } from './shared-key.ts';
import { type Place, toEtag, UNKNOWN_TYPE, upload } from './upload.ts';
import { elementsOf, textOf } from './xml.ts';

export interface ObjectsOptions extends ClientOptions {
  /** Of the storage account: `https://name.blob.core.windows.net`, or `http://127.0.0.1:10000/name` of an emulator. */
  readonly endpoint: string;
  readonly container: string;
  /** An account key; the function app's own identity unless given. */
  readonly key?: string;
}

/** An attempt carries up to 8 MB, which takes longer than the few kB of the other ports. */
const TIMES = { deadlineMs: 60_000, attemptMs: 20_000 } as const;
const WHAT = 'The object store';

/** Objects in one container of Blob Storage. */
export function createObjects(given: ObjectsOptions): Objects {
  const options = { ...TIMES, ...given };
  const { endpoint, container, key: accountKey } = options;
  const account = accountOf(endpoint);
  const credential = accountKey ? sharedKey(account, accountKey) : bearer('https://storage.azure.com', options);
  const client = createClient(WHAT, credential, options);
  const blobs = createBlobs(client, endpoint, container);
  const { clock, retrying } = client;
  let delegation: { readonly key: DelegationKey; readonly until: number } | undefined;

  const head: Place['head'] = (key) =>
    retrying({ operation: 'head' }, async () => {
      const answer = await blobs.send({ method: 'HEAD', url: blobs.url(key), expected: [200, 404] });
      if (answer.status === 404) return undefined;
      return { ...toInfo(key, answer), mark: header(answer.headers, 'x-ms-meta-put') };
    });

  /** Asked for seven days, the longest there is, and again when a link would outlive it. */
  async function delegationKey(until: number): Promise<DelegationKey> {
    if (!delegation || delegation.until < until) {
      const now = clock.now();
      const end = now + OBJECT_LIMITS.linkSeconds * 1_000;
      const body = `<?xml version="1.0" encoding="utf-8"?><KeyInfo><Start>${toSasTime(now)}</Start><Expiry>${toSasTime(end)}</Expiry></KeyInfo>`;
      const url = new URL(`${endpoint.replace(/\/$/, '')}/?restype=service&comp=userdelegationkey`);
      const answer = await retrying({ operation: 'delegate' }, () =>
        blobs.send({ method: 'POST', url, body, expected: [200] }),
      );
      delegation = { key: toDelegationKey(answer.body.toString()), until: end };
    }
    return delegation.key;
  }

  return {
    put: async (key, body, options = {}) => upload({ blobs, retrying, head }, checked(key), body, options),
    async get(key, range) {
      const url = blobs.url(checked(key));
      const headers = range ? { 'x-ms-range': `bytes=${range.start}-${range.end ?? ''}` } : {};
      const answer = await retrying({ operation: 'get' }, () =>
        blobs.open({ method: 'GET', url, headers, expected: [200, 206, 404, 416] }),
      );
      if (answer.status === 404 || answer.status === 416) answer.stream.destroy();
      if (answer.status === 404) return undefined;
      if (answer.status === 416)
        throw new AppError('range_not_satisfiable', `${key} has no bytes from ${range?.start} on`, { status: 416 });
      const total = header(answer.headers, 'content-range')?.split('/')[1];
      const info = toInfo(key, answer);
      return {
        ...info,
        size: total === undefined ? info.size : Number(total),
        body: toBody(answer, options.attemptMs),
      };
    },
    async head(key) {
      const found = await head(checked(key));
      if (!found) return undefined;
      const { mark: _, ...info } = found;
      return info;
    },
    async list(prefix, { cursor, limit = OBJECT_LIMITS.page } = {}) {
      if (!Number.isInteger(limit) || limit < 1 || limit > OBJECT_LIMITS.page)
        throw badRequest(`A page has 1 to ${OBJECT_LIMITS.page} objects, not ${limit}`);
      const question = ['objects', container, prefix];
      const marker = cursor === undefined ? {} : { marker: fromCursor(question, cursor) };
      const parameters = { restype: 'container', comp: 'list', prefix, maxresults: String(limit), ...marker };
      const url = blobs.url('', parameters);
      const answer = await retrying({ operation: 'list' }, () => blobs.send({ method: 'GET', url, expected: [200] }));
      const xml = answer.body.toString();
      const items = elementsOf(xml, 'Blob').map(toListed);
      const next = textOf(xml, 'NextMarker');
      return next ? { items, cursor: toCursor(question, next) } : { items };
    },
    async delete(key) {
      const url = blobs.url(checked(key));
      const headers = { 'x-ms-delete-snapshots': 'include' };
      await retrying({ operation: 'delete' }, () =>
        blobs.send({ method: 'DELETE', url, headers, expected: [202, 404] }),
      );
    },
    async copy(from, to) {
      const headers = { 'x-ms-copy-source': blobs.url(checked(from)).href };
      const url = blobs.url(checked(to));
      const answer = await retrying({ operation: 'copy' }, () =>
        blobs.send({ method: 'PUT', url, headers, body: '', expected: [202, 404] }),
      );
      if (answer.status === 404) throw notFound(`The object ${from}`);
      return retrying({ operation: 'copy' }, async () => {
        const done = await blobs.send({ method: 'HEAD', url, expected: [200] });
        const status = header(done.headers, 'x-ms-copy-status');
        // Within an account a copy is there at once, as a rule; the service promises no more than that it has begun.
        if (status === 'pending') throw new Fault('busy', 'copy pending');
        if (status === 'failed' || status === 'aborted') throw new Fault('refused', `copy ${status}`);
        return toInfo(to, done);
      });
    },
    async signedLink(key, ttlSeconds, { fileName } = {}) {
      const url = blobs.url(checked(key));
      if (!(ttlSeconds > 0 && ttlSeconds <= OBJECT_LIMITS.linkSeconds))
        throw badRequest(
          `A link lives more than 0 and at most ${OBJECT_LIMITS.linkSeconds} seconds, not ${ttlSeconds}`,
        );
      const expiresAt = clock.now() + ttlSeconds * 1_000;
      const link = {
        account,
        container,
        blob: key,
        expiresAt,
        secure: url.protocol === 'https:',
        contentDisposition: fileName === undefined ? undefined : toDisposition(fileName),
      };
      url.search = String(
        accountKey ? toServiceSas(link, accountKey) : toDelegationSas(link, await delegationKey(expiresAt)),
      );
      return url.href;
    },
    close: client.close,
  };
}

function checked(key: string): string {
  if (!isObjectKey(key))
    throw badRequest('The key of an object has 1 to 900 bytes in parts between "/", none empty, hidden or ".."');
  return key;
}

/** The account's name is the host's first part, or the first part of the path at an emulator. */
function accountOf(endpoint: string): string {
  const { hostname, pathname } = new URL(endpoint);
  return (pathname === '/' ? hostname.split('.')[0] : pathname.split('/')[1]) ?? '';
}

const toInfo = (key: string, { headers }: HttpAnswer | OpenAnswer): ObjectInfo => ({
  key,
  size: Number(header(headers, 'content-length') ?? 0),
  etag: toEtag(header(headers, 'etag')),
  contentType: header(headers, 'content-type') ?? UNKNOWN_TYPE,
  modifiedAt: Date.parse(header(headers, 'last-modified') ?? ''),
});

const toListed = (blob: string): ObjectInfo => ({
  key: nameOf(blob),
  size: Number(textOf(blob, 'Content-Length')),
  etag: toEtag(textOf(blob, 'Etag')),
  contentType: textOf(blob, 'Content-Type') ?? UNKNOWN_TYPE,
  modifiedAt: Date.parse(textOf(blob, 'Last-Modified') ?? ''),
});

/** Names with characters that XML does not have come percent-encoded, and say so. */
function nameOf(blob: string): string {
  const name = textOf(blob, 'Name') ?? '';
  return blob.includes('<Name Encoded="true"') ? decodeURIComponent(name) : name;
}

/** A web stream that says "unavailable" when the answer breaks off, and closes the connection when it is left. */
function toBody({ stream }: OpenAnswer, attemptMs: number): ReadableStream<Uint8Array> {
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunksOf(stream, attemptMs);
    } catch (cause) {
      throw new UnavailableError(WHAT, 'none', { cause });
    }
  }
  return ReadableStream.from(read());
}

/** Old readers take the plain name, others the one of all scripts (RFC 6266). */
function toDisposition(fileName: string): string {
  const plain = fileName.replace(/[^ -~]|["\\]/g, '_');
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
