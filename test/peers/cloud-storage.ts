import { createHash, createSign, createVerify, generateKeyPairSync, randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/ports/clock.ts';
import { type Peer, type PeerAnswer, type PeerRequest, Refusal, startPeer } from './google-server.ts';
import { createUploads } from './google-uploads.ts';

export interface StoredBlob {
  readonly name: string;
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly generation: string;
  readonly updated: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface StorageState {
  readonly bucket: string;
  readonly blobs: Map<string, StoredBlob>;
  /** Stores under the condition of the query (`ifGenerationMatch`) and returns what the API answers. */
  store(url: URL, blob: Pick<StoredBlob, 'name' | 'bytes' | 'contentType' | 'metadata'>): PeerAnswer;
  /** Refuses when the query's condition does not hold now. */
  check(url: URL, name: string): void;
}

export interface StoragePeer extends Peer {
  /** The service account whose links are taken; `signBlob` signs as it. */
  readonly email: string;
  /** Signs as the account, as a key file would. */
  sign(text: string): Buffer;
  /** Uploads that were begun and neither finished nor cancelled. */
  openUploads(): number;
}

/**
 * Cloud Storage's JSON API as far as objects need it, by its documented rules: generations and their preconditions,
 * resumable uploads in multiples of 256 KiB of which less may be kept than was sent, ranges, pages in order of UTF-8,
 * rewrites in several rounds, and signed links of version 4 that end by `clock`. `signBlob` of IAM stands beside it.
 */
export async function startCloudStorage(bucket: string, clock: Clock): Promise<StoragePeer> {
  const email = 'trifold@contract.iam.gserviceaccount.com';
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const sign = (text: string | Buffer) => createSign('RSA-SHA256').update(text).sign(keys.privateKey);
  const blobs = new Map<string, StoredBlob>();
  let generations = 1_700_000_000_000_000;
  const state: StorageState = {
    bucket,
    blobs,
    check(url, name) {
      const wanted = url.searchParams.get('ifGenerationMatch');
      if (wanted !== null && wanted !== (blobs.get(name)?.generation ?? '0'))
        throw new Refusal(412, 'conditionNotMet', 'At least one of the pre-conditions you specified did not hold.');
    },
    store(url, blob) {
      state.check(url, blob.name);
      generations += 1;
      const stored = { ...blob, generation: `${generations}`, updated: new Date(clock.now()).toISOString() };
      blobs.set(blob.name, stored);
      return { status: 200, body: toResource(stored) };
    },
  };
  const uploads = createUploads(state);

  const peer = await startPeer((request): PeerAnswer => {
    const { url, headers, body } = request;
    const isLink = url.searchParams.has('X-Goog-Signature') || url.pathname.startsWith(`/${bucket}/`);
    if (isLink) return linked(request);
    if (!headers.authorization?.startsWith('Bearer ')) throw new Refusal(401, 'required', 'Login Required');
    if (url.pathname.endsWith(':signBlob')) {
      const signedBlob = sign(Buffer.from(JSON.parse(body.toString()).payload, 'base64')).toString('base64');
      return { status: 200, body: { keyId: 'peer', signedBlob } };
    }
    if (url.pathname.startsWith('/upload/')) return uploads.answer(request);
    return answer(state, request);
  });

  function linked({ url, path, headers }: PeerRequest): PeerAnswer {
    const denied = (why: string) => new Refusal(403, 'AccessDenied', why);
    const query = url.searchParams;
    const [rawPath = '', rawQuery = ''] = path.split('?');
    const unsigned = rawQuery.split('&').filter((pair) => !pair.startsWith('X-Goog-Signature='));
    const canonical = ['GET', rawPath, unsigned.join('&'), `host:${headers.host}`, '', 'host', 'UNSIGNED-PAYLOAD'];
    const [at, scope] = [query.get('X-Goog-Date') ?? '', query.get('X-Goog-Credential')?.slice(email.length + 1)];
    const digest = createHash('sha256').update(canonical.join('\n')).digest('hex');
    const verify = createVerify('RSA-SHA256').update(['GOOG4-RSA-SHA256', at, scope, digest].join('\n'));
    const signature = Buffer.from(query.get('X-Goog-Signature') ?? '', 'hex');
    if (unsigned.toSorted().join('&') !== unsigned.join('&') || !verify.verify(keys.publicKey, signature))
      throw denied('The signature does not match.');
    const iso = at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
    const seconds = Number(query.get('X-Goog-Expires'));
    if (seconds > 604_800 || clock.now() >= Date.parse(iso) + seconds * 1000) throw denied('The link has expired.');
    const blob = blobs.get(decodeURIComponent(rawPath.slice(bucket.length + 2)));
    if (!blob) throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
    const disposition = query.get('response-content-disposition');
    return {
      status: 200,
      headers: { 'content-type': blob.contentType, ...(disposition ? { 'content-disposition': disposition } : {}) },
      body: blob.bytes,
    };
  }

  return { ...peer, email, sign, openUploads: uploads.open };
}

export const toResource = ({ name, bytes, contentType, generation, updated, metadata }: StoredBlob) => ({
  kind: 'storage#object',
  name,
  size: String(bytes.length),
  contentType,
  generation,
  updated,
  metadata,
});

const PATH = /^\/storage\/v1\/b\/([^/]+)\/o(?:\/([^/]+))?(?:\/rewriteTo\/b\/([^/]+)\/o\/([^/]+))?$/;

function answer(state: StorageState, { method, url, path, headers }: PeerRequest): PeerAnswer {
  const [, bucket, name, , target] =
    PATH.exec(path.split('?')[0] ?? '')?.map((part) => part && decodeURIComponent(part)) ?? [];
  if (bucket !== state.bucket) throw new Refusal(404, 'notFound', 'The specified bucket does not exist.');
  if (!name) return listed(state, url);
  const blob = state.blobs.get(name);
  if (!blob) throw new Refusal(404, 'notFound', `No such object: ${bucket}/${name}`);
  if (target) return rewritten(state, url, blob, target);
  if (method === 'DELETE') {
    state.blobs.delete(name);
    return { status: 204 };
  }
  return url.searchParams.get('alt') === 'media'
    ? downloaded(blob, headers.range)
    : { status: 200, body: toResource(blob) };
}

function downloaded(blob: StoredBlob, range: string | undefined): PeerAnswer {
  const size = blob.bytes.length;
  const headers = {
    'content-type': blob.contentType,
    'x-goog-generation': blob.generation,
    'x-goog-stored-content-length': String(size),
    'last-modified': new Date(blob.updated).toUTCString(),
  };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === undefined) return { status: 200, headers, body: blob.bytes };
  const [start, end] = [Number(from), Math.min(to ? Number(to) : size - 1, size - 1)];
  if (start >= size) throw new Refusal(416, 'requestedRangeNotSatisfiable', 'Request range not satisfiable');
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${size}` },
    body: blob.bytes.subarray(start, end + 1),
  };
}

function listed({ blobs }: StorageState, url: URL): PeerAnswer {
  const prefix = url.searchParams.get('prefix') ?? '';
  const after = Buffer.from(url.searchParams.get('pageToken') ?? '', 'base64');
  const limit = Math.min(Number(url.searchParams.get('maxResults') ?? 1000), 1000);
  const following = [...blobs.values()]
    .filter(({ name }) => name.startsWith(prefix) && Buffer.compare(Buffer.from(name), after) > 0)
    .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const items = following.slice(0, limit);
  const last = items.at(-1);
  const more = last && following.length > limit ? { nextPageToken: Buffer.from(last.name).toString('base64') } : {};
  // An empty answer has no `items` at all.
  return { status: 200, body: { kind: 'storage#objects', ...(last ? { items: items.map(toResource) } : {}), ...more } };
}

/** In two rounds, as for large objects. */
function rewritten(state: StorageState, url: URL, blob: StoredBlob, target: string): PeerAnswer {
  if (!url.searchParams.has('rewriteToken')) return { status: 200, body: { done: false, rewriteToken: randomUUID() } };
  const { bytes, contentType, metadata } = blob;
  const { body } = state.store(new URL('http://peer/'), { name: target, bytes, contentType, metadata });
  return { status: 200, body: { done: true, resource: body } };
}
