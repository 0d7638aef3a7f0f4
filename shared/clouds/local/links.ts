import { createHmac, timingSafeEqual } from 'node:crypto';
import { badRequest } from '../../errors.ts';
import { OBJECT_LIMITS } from '../../ports/objects.ts';

/** What a link that holds gives access to. */
export interface SignedObject {
  readonly key: string;
  /** Under which the browser should save it. */
  readonly fileName?: string;
}

const PATH = '/objects/';

/** A link that opens one object until `expires` (epoch seconds), for whoever has it. */
export function toSignedLink(baseUrl: string, signingKey: Uint8Array, object: SignedObject, expires: number): string {
  const url = new URL(PATH + object.key.split('/').map(encodeURIComponent).join('/'), baseUrl);
  url.searchParams.set('expires', String(expires));
  if (object.fileName !== undefined) url.searchParams.set('file', object.fileName);
  url.searchParams.set('signature', signatureOf(signingKey, object, String(expires)));
  return url.href;
}

/** The object that a link opens at `now` (epoch milliseconds); `undefined` when it is over or not ours. */
export function fromSignedLink(url: string, signingKey: Uint8Array, now: number): SignedObject | undefined {
  const parsed = URL.parse(url, 'http://localhost');
  if (!parsed?.pathname.startsWith(PATH)) return undefined;
  const { searchParams } = parsed;
  const fileName = searchParams.get('file') ?? undefined;
  const expires = searchParams.get('expires') ?? '';
  const key = decoded(parsed.pathname.slice(PATH.length));
  if (key === undefined || !/^\d{1,12}$/.test(expires)) return undefined;
  const object: SignedObject = fileName === undefined ? { key } : { key, fileName };
  const given = Buffer.from(searchParams.get('signature') ?? '');
  const expected = Buffer.from(signatureOf(signingKey, object, expires));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  return now < Number(expires) * 1000 ? object : undefined;
}

/** Epoch seconds at which a link of `ttlSeconds` ends. Throws on a time that no cloud takes. */
export function linkExpiry(now: number, ttlSeconds: number): number {
  if (!(ttlSeconds > 0 && ttlSeconds <= OBJECT_LIMITS.linkSeconds))
    throw badRequest(`A link lasts 1 to ${OBJECT_LIMITS.linkSeconds} seconds, not ${ttlSeconds}`);
  return Math.floor(now / 1000 + ttlSeconds);
}

/** The header that makes a browser save the answer under a name in any script (RFC 6266). */
export function contentDisposition(fileName: string): string {
  const ascii = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const extended = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`;
}

function signatureOf(signingKey: Uint8Array, { key, fileName }: SignedObject, expires: string): string {
  return createHmac('sha256', signingKey)
    .update(JSON.stringify([key, expires, fileName ?? null]))
    .digest('base64url');
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
