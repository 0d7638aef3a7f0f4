import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { badRequest, ConflictError, notFound } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  isObjectKey,
  OBJECT_LIMITS,
  type ObjectInfo,
  type Objects,
  type PutOptions,
  type StoredObject,
} from '../../ports/objects.ts';
import { asFileError, isFileError, readOrCreateKey, syncFolder } from './files.ts';
import { fromSignedLink, linkExpiry, type SignedObject, toSignedLink } from './links.ts';
import { type Entry, openObjectIndex } from './object-index.ts';

const WHAT = 'The object store';
const DEFAULT_TYPE = 'application/octet-stream';
/** Content files that no entry names are of interrupted puts; a put that is under way is younger. Milliseconds. */
const ORPHANED_MS = 24 * 3600 * 1000;

export interface ObjectsOptions {
  /** Where the local HTTP host answers, `http://127.0.0.1:8080`; a function when the port is known later. */
  readonly baseUrl: string | (() => string);
}

export interface LocalObjects extends Objects {
  /** What a signed link (or its path with the query) opens at `now`, epoch milliseconds; `undefined`: refuse it. */
  verifyLink(url: string, now: number): SignedObject | undefined;
}

/**
 * Objects in a folder: each content is a file that is never changed, and `index.db` says which key has which. So a put
 * shows as a whole or not at all, conditions hold across processes, a reader keeps the content that it began to read,
 * and any key fits any file system. A full disk throws `UnavailableError`.
 */
export function openObjects(folder: string, clock: Clock, options: ObjectsOptions): LocalObjects {
  const contents = join(folder, 'contents');
  mkdirSync(contents, { recursive: true, mode: 0o700 });
  const index = openObjectIndex(join(folder, 'index.db'), WHAT);
  const signingKey = readOrCreateKey(join(folder, 'links.key'));
  const fileOf = (content: string): string => join(contents, content);
  const discard = (content: string | undefined): Promise<void> =>
    content === undefined ? Promise.resolve() : rm(fileOf(content), { force: true });
  const swept = sweep(contents, index.has).catch(() => {
    // Orphans only cost space; the next start tries again.
  });

  async function write(
    body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<{ content: string; size: number }> {
    const content = randomUUID();
    const file = await open(fileOf(content), 'wx', 0o600);
    let size = 0;
    try {
      for await (const chunk of body) {
        await file.writeFile(chunk);
        size += chunk.length;
      }
      await file.sync();
      await syncFolder(contents);
    } catch (error) {
      await file.close();
      await discard(content);
      throw asFileError(error, WHAT);
    }
    await file.close();
    return { content, size };
  }

  async function replace(
    key: string,
    body: Parameters<typeof write>[0],
    contentType: string,
    condition?: string,
  ): Promise<ObjectInfo> {
    const { content, size } = await write(body);
    const entry: Entry = { key, content, size, contentType, modifiedAt: clock.now() };
    try {
      const before = await index.put(entry, (now) => {
        if (condition === undefined) return;
        if (condition === 'absent' ? now !== undefined : now?.content !== condition)
          throw new ConflictError('objects', [key]);
      });
      await discard(before?.content);
    } catch (error) {
      await discard(content);
      throw error;
    }
    return toInfo(entry);
  }

  /** The entry with its content open; again when it was replaced between the two. */
  async function read(key: string): Promise<{ entry: Entry; file: Awaited<ReturnType<typeof open>> } | undefined> {
    for (;;) {
      const entry = await index.get(key);
      if (!entry) return undefined;
      try {
        return { entry, file: await open(fileOf(entry.content), 'r') };
      } catch (error) {
        const now = isFileError(error, 'ENOENT') ? await index.get(key) : entry;
        if (now?.content === entry.content) throw asFileError(error, WHAT);
      }
    }
  }

  return {
    put: async (key, body, { contentType = DEFAULT_TYPE, if: condition }: PutOptions = {}) =>
      replace(checked(key), toChunks(body), contentType, condition),
    get: async (key, range): Promise<StoredObject | undefined> => {
      const found = await read(checked(key));
      if (!found) return undefined;
      const { entry, file } = found;
      const start = range?.start ?? 0;
      const end = Math.min(range?.end ?? entry.size - 1, entry.size - 1);
      if (end < start) {
        await file.close();
        return { ...toInfo(entry), body: new Blob([]).stream() };
      }
      const stream = file.createReadStream({ start, end, highWaterMark: 256 * 1024 });
      // Node's own web streams carry any chunk; a file's are bytes.
      return { ...toInfo(entry), body: Readable.toWeb(stream) as ReadableStream<Uint8Array> };
    },
    head: async (key) => {
      const entry = await index.get(checked(key));
      return entry && toInfo(entry);
    },
    list: async (prefix, { cursor, limit = OBJECT_LIMITS.page } = {}) => {
      const page = await index.list(prefix, Math.max(1, Math.min(limit, OBJECT_LIMITS.page)), cursor);
      return { ...page, items: page.items.map(toInfo) };
    },
    delete: async (key) => discard((await index.delete(checked(key)))?.content),
    copy: async (from, to) => {
      checked(to);
      const found = await read(checked(from));
      if (!found) throw notFound(`The object ${from}`);
      return replace(to, found.file.createReadStream(), found.entry.contentType);
    },
    signedLink: async (key, ttlSeconds, { fileName } = {}) => {
      const base = typeof options.baseUrl === 'string' ? options.baseUrl : options.baseUrl();
      const object = fileName === undefined ? { key: checked(key) } : { key: checked(key), fileName };
      return toSignedLink(base, signingKey, object, linkExpiry(clock.now(), ttlSeconds));
    },
    verifyLink: (url, now) => fromSignedLink(url, signingKey, now),
    close: async () => {
      await swept;
      index.close();
    },
  };
}

const toInfo = ({ key, content, size, contentType, modifiedAt }: Entry): ObjectInfo => ({
  key,
  size,
  etag: content,
  contentType,
  modifiedAt,
});

function checked(key: string): string {
  if (!isObjectKey(key))
    throw badRequest(
      'An object key has 1 to 900 bytes in parts between "/", none of them empty or hidden, without control characters and "\\"',
    );
  return key;
}

function toChunks(
  body: Uint8Array | string | ReadableStream<Uint8Array>,
): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (typeof body === 'string') return [Buffer.from(body)];
  return body instanceof Uint8Array ? [body] : body;
}

/** Removes what interrupted puts left behind. */
async function sweep(contents: string, isUsed: (content: string) => boolean): Promise<void> {
  for (const name of await readdir(contents)) {
    if (isUsed(name)) continue;
    // The file system's times are by the machine's clock.
    const { mtimeMs } = await stat(join(contents, name));
    if (Date.now() - mtimeMs > ORPHANED_MS) await rm(join(contents, name), { force: true });
  }
}
