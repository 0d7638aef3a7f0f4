import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { AppError, badRequest, ConflictError, LimitError, notFound } from '../../errors.ts';
import { systemClock } from '../../ports/clock.ts';
import { isObjectKey, OBJECT_LIMITS, type ObjectInfo, type Objects, type StoredObject } from '../../ports/objects.ts';
import type { RetryOptions } from '../retries.ts';
import { type ClientOptions, clientConfig, lazyClient, within } from './clients.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { isNamed, statusOf } from './errors.ts';
import { toParts } from './parts.ts';
import { createRetrying } from './retry.ts';
import { type Bucket, type Connect, upload } from './upload.ts';

export interface ObjectsOptions extends ClientOptions, RetryOptions {
  readonly bucket: string;
}

/** An attempt carries up to 8 MB, which takes longer than the few kB of the other ports. */
const TIMES = { deadlineMs: 60_000, attemptMs: 20_000 } as const;

/** What one `CopyObject` takes: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const COPY_BYTES = 5 * 1024 ** 3;

/** S3's own word for an object whose type nobody told. */
const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * Objects in one S3 bucket. Two limits are S3's: a listing does not tell content types (they read
 * `application/octet-stream` there; `head` knows them), and a link ends with the credentials that signed it, which for
 * a function's role is some hours, whatever was asked for. The role needs `s3:ListBucket`, without which S3 says "denied"
 * of an object that is not there.
 */
export function createObjects(options: ObjectsOptions): Objects {
  const { bucket: Bucket, clock = systemClock } = options;
  const times = { ...TIMES, ...options };
  const client = lazyClient(async () => {
    const sdk = await import('./s3.ts');
    const s3 = new sdk.S3Client({
      ...clientConfig(options, times.attemptMs),
      forcePathStyle: options.endpoint !== undefined,
      // Asking before each part costs a round trip and, in this SDK, a new connection.
      expectContinueHeader: false,
    });
    return { sdk, s3, destroy: () => s3.destroy() };
  });
  const connect: Connect = client.get;
  const retrying = createRetrying('The object store', client.renew, times);
  const bucket: Bucket = { name: options.bucket, connect, retrying, head };

  async function head(key: string): Promise<HeadObjectCommandOutput | undefined> {
    return retrying({ operation: 'HeadObject' }, async ({ ms }) => {
      const { sdk, s3 } = await connect();
      return ifThere(s3.send(new sdk.HeadObjectCommand({ Bucket, Key: key }), within(ms)));
    });
  }

  return {
    async put(key, body, options = {}) {
      const described = { contentType: UNKNOWN_TYPE, ...options };
      const uploaded = await upload(bucket, checked(key), toParts(body), described);
      // S3 tells its own time only to those who ask again.
      return { key, ...uploaded, contentType: described.contentType, modifiedAt: clock.now() };
    },
    async get(key, range) {
      const Key = checked(key);
      const part = range ? { Range: `bytes=${range.start}-${range.end ?? ''}` } : {};
      const answer = await retrying({ operation: 'GetObject' }, async ({ ms }) => {
        const { sdk, s3 } = await connect();
        // Bounded until the answer begins: how long reading takes is up to the reader.
        return ifThere(s3.send(new sdk.GetObjectCommand({ Bucket, Key, ...part }), { requestTimeout: ms }));
      });
      if (!answer?.Body) return undefined;
      const total = answer.ContentRange?.split('/')[1];
      const size = total === undefined ? answer.ContentLength : Number(total);
      // The SDK's type is that of browsers, which lacks nothing but Node's asynchronous iteration.
      const stream = answer.Body.transformToWebStream() as StoredObject['body'];
      return { ...toInfo(key, answer), size: size ?? 0, body: stream };
    },
    async head(key) {
      const answer = await head(checked(key));
      return answer && toInfo(key, answer);
    },
    async list(prefix, { cursor, limit = OBJECT_LIMITS.page } = {}) {
      const question = ['objects', prefix];
      const after = cursor === undefined ? {} : { StartAfter: fromCursor(question, cursor)['key'] ?? '' };
      const MaxKeys = Math.min(limit, OBJECT_LIMITS.page);
      const answer = await retrying({ operation: 'ListObjectsV2' }, async ({ ms }) => {
        const { sdk, s3 } = await connect();
        return s3.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys, ...after }), within(ms));
      });
      const items = (answer.Contents ?? []).map(({ Key = '', Size, ETag, LastModified }) =>
        toInfo(Key, { ContentLength: Size, ETag, LastModified }),
      );
      const last = answer.IsTruncated ? items.at(-1) : undefined;
      return last ? { items, cursor: toCursor(question, { key: last.key }) } : { items };
    },
    async delete(key) {
      const Key = checked(key);
      await retrying({ operation: 'DeleteObject' }, async ({ ms }) => {
        const { sdk, s3 } = await connect();
        await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key }), within(ms));
      });
    },
    async copy(from, to) {
      checked(to);
      const source = await head(checked(from));
      if (!source) throw notFound(`Object ${from}`);
      if ((source.ContentLength ?? 0) > COPY_BYTES) throw new LimitError(`Object ${from} is too large to be copied`);
      const copied = await retrying({ operation: 'CopyObject' }, async ({ ms }) => {
        const { sdk, s3 } = await connect();
        const CopySource = `${Bucket}/${from.split('/').map(encodeURIComponent).join('/')}`;
        const input = { Bucket, Key: to, CopySource, CopySourceIfMatch: source.ETag };
        return s3.send(new sdk.CopyObjectCommand(input), within(ms)).catch((error: unknown) => {
          if (isNamed(error, 'NoSuchKey')) throw notFound(`Object ${from}`);
          // What was read of it a moment ago, its size and type, is no longer true.
          if (statusOf(error) === 412) throw new ConflictError(`object ${from}`, [from]);
          throw error;
        });
      });
      return toInfo(to, { ...source, ...copied.CopyObjectResult });
    },
    async signedLink(key, ttlSeconds, { fileName } = {}) {
      const Key = checked(key);
      if (!(ttlSeconds >= 1 && ttlSeconds <= OBJECT_LIMITS.linkSeconds))
        throw badRequest(`A link can be good for 1 to ${OBJECT_LIMITS.linkSeconds} seconds`);
      const disposition = fileName === undefined ? {} : { ResponseContentDisposition: toDisposition(fileName) };
      return retrying({ operation: 'presign GetObject' }, async () => {
        const { sdk, s3 } = await connect();
        return sdk.getSignedUrl(s3, new sdk.GetObjectCommand({ Bucket, Key, ...disposition }), {
          expiresIn: Math.floor(ttlSeconds),
          signingDate: new Date(clock.now()),
        });
      });
    },
    close: client.close,
  };
}

type Described = Pick<HeadObjectCommandOutput, 'ContentLength' | 'ETag' | 'ContentType' | 'LastModified'>;

const toInfo = (key: string, { ContentLength, ETag, ContentType, LastModified }: Described): ObjectInfo => ({
  key,
  size: ContentLength ?? 0,
  etag: ETag ?? '',
  contentType: ContentType ?? UNKNOWN_TYPE,
  modifiedAt: LastModified?.getTime() ?? 0,
});

/** `HEAD` has no body to name its error in, hence the second name. */
const ifThere = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (isNamed(error, 'NoSuchKey', 'NotFound')) return undefined;
    if (statusOf(error) === 416)
      throw new AppError('bad_range', 'The range begins behind the end of the object', { status: 416 });
    throw error;
  });

function checked(key: string): string {
  if (!isObjectKey(key))
    throw badRequest(
      `An object key has 1 to ${OBJECT_LIMITS.keyBytes} bytes in parts that are neither empty nor hidden`,
    );
  return key;
}

/** RFC 6266: a name for everybody, and the true one for those who read UTF-8. */
function toDisposition(fileName: string): string {
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const exact = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
