import { randomUUID } from 'node:crypto';
import type { HeadObjectCommandOutput, S3Client } from '@aws-sdk/client-s3';
import { ConflictError, LimitError, UnavailableError } from '../../errors.ts';
import type { PutOptions } from '../../ports/objects.ts';
import { inParallel } from './batches.ts';
import { within } from './clients.ts';
import { isNamed, statusOf } from './errors.ts';
import type { Attempt, Retrying } from './retry.ts';

export type Connect = () => Promise<{ readonly sdk: typeof import('./s3.ts'); readonly s3: S3Client }>;

export interface Bucket {
  readonly name: string;
  readonly connect: Connect;
  readonly retrying: Retrying;
  readonly head: (key: string) => Promise<HeadObjectCommandOutput | undefined>;
}

export interface Uploaded {
  readonly size: number;
  readonly etag: string;
}

/** What identifies one put from its first request to its last. */
interface Put {
  readonly bucket: Bucket;
  readonly key: string;
  readonly contentType: string;
  readonly condition: PutOptions['if'];
  /** By this mark among the object's metadata a put finds its own object when the answer was lost. */
  readonly mark: string;
}

/** S3's limit of parts, which makes 80 GB of ours. */
const MAX_PARTS = 10_000;
/** Parts under way at the same time: 24 MB in memory, whatever the size of the object. */
const PARALLEL_PARTS = 3;

/** Puts one part with one request, more of them as a multipart upload; the condition holds for the whole either way. */
export async function upload(
  bucket: Bucket,
  key: string,
  parts: AsyncGenerator<Uint8Array>,
  { contentType, if: condition }: PutOptions & { readonly contentType: string },
): Promise<Uploaded> {
  const put: Put = { bucket, key, contentType, condition, mark: randomUUID() };
  try {
    const first = await parts.next();
    const second = await parts.next();
    const start = first.done ? new Uint8Array() : first.value;
    return await (second.done ? putOne(put, start) : putParts(put, chain([start, second.value], parts)));
  } finally {
    await parts.return(undefined); // Tells a source that was left in the middle that nobody will read on.
  }
}

async function putOne(put: Put, Body: Uint8Array): Promise<Uploaded> {
  const { connect, retrying } = put.bucket;
  const etag = await retrying({ operation: 'PutObject' }, async (attempt) => {
    const { sdk, s3 } = await connect();
    const command = new sdk.PutObjectCommand({ ...described(put), ...conditions(put), Body });
    return ownEtag(put, attempt, s3.send(command, within(attempt.ms)));
  });
  return { size: Body.length, etag };
}

async function putParts(put: Put, source: AsyncIterable<Uint8Array>): Promise<Uploaded> {
  const { bucket, key } = put;
  await refuseEarly(put);
  const UploadId = await bucket.retrying({ operation: 'CreateMultipartUpload' }, async ({ ms }) => {
    const { sdk, s3 } = await bucket.connect();
    return (await s3.send(new sdk.CreateMultipartUploadCommand(described(put)), within(ms))).UploadId;
  });
  const target: Target = { Bucket: bucket.name, Key: key, UploadId };
  try {
    const { Parts, size } = await sendParts(bucket, target, source);
    const etag = await bucket.retrying({ operation: 'CompleteMultipartUpload' }, async (attempt) => {
      const { sdk, s3 } = await bucket.connect();
      const input = { ...target, ...conditions(put), MultipartUpload: { Parts } };
      return ownEtag(put, attempt, s3.send(new sdk.CompleteMultipartUploadCommand(input), within(attempt.ms)));
    });
    return { size, etag };
  } catch (error) {
    const { sdk, s3 } = await bucket.connect();
    // Best effort: what stays behind is removed by the bucket's rule for unfinished uploads.
    await s3.send(new sdk.AbortMultipartUploadCommand(target)).catch(() => undefined);
    throw error;
  }
}

interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

async function sendParts({ connect, retrying }: Bucket, target: Target, source: AsyncIterable<Uint8Array>) {
  const Parts: { readonly PartNumber: number; readonly ETag: string | undefined }[] = [];
  let size = 0;
  await inParallel(numbered(source), PARALLEL_PARTS, async ([PartNumber, Body]) => {
    if (PartNumber > MAX_PARTS) throw new LimitError(`Object ${target.Key} has more than ${MAX_PARTS} parts of 8 MiB`);
    const { ETag } = await retrying({ operation: 'UploadPart' }, async ({ ms }) => {
      const { sdk, s3 } = await connect();
      return s3.send(new sdk.UploadPartCommand({ ...target, PartNumber, Body }), within(ms));
    });
    Parts.push({ PartNumber, ETag });
    size += Body.length;
  });
  return { Parts: Parts.sort((a, b) => a.PartNumber - b.PartNumber), size };
}

/** S3 looks at the condition when an upload is completed; the bytes need not travel to learn that it fails. */
async function refuseEarly({ bucket, key, condition }: Put): Promise<void> {
  if (condition === undefined) return;
  const stored = await bucket.head(key);
  if (condition === 'absent' ? stored : stored?.ETag !== condition) throw new ConflictError(`object ${key}`, [key]);
}

/** The etag of what was put, also when a first attempt had put it and the second one is refused for that very reason. */
async function ownEtag(
  put: Put,
  { afterLost }: Attempt,
  answer: Promise<{ ETag?: string | undefined }>,
): Promise<string> {
  try {
    return (await answer).ETag ?? '';
  } catch (error) {
    if (statusOf(error) !== 412 && !isNamed(error, 'NoSuchKey', 'NoSuchUpload')) throw error;
    if (!afterLost) throw new ConflictError(`object ${put.key}`, [put.key]);
    const stored = await put.bucket.head(put.key);
    if (stored?.Metadata?.['put'] === put.mark) return stored.ETag ?? '';
    throw new UnavailableError('The object store', 'unknown');
  }
}

const described = ({ bucket, key, contentType, mark }: Put) => ({
  Bucket: bucket.name,
  Key: key,
  ContentType: contentType,
  Metadata: { put: mark },
});

function conditions({ condition }: Put): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === undefined) return {};
  return condition === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: condition };
}

async function* chain<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}

async function* numbered<T>(items: AsyncIterable<T>): AsyncGenerator<[number, T]> {
  let n = 0;
  for await (const item of items) yield [++n, item];
}
