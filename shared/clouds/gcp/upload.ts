import { randomBytes } from 'node:crypto';
import { UnavailableError } from '../../errors.ts';
import { GoogleError } from './errors.ts';
import type { Part } from './parts.ts';
import type { Rest } from './rest.ts';
import { type HttpResponse, readText } from './transport.ts';

/** An object as the JSON API shows it: https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
export interface ObjectResource {
  readonly name: string;
  readonly size: string;
  readonly generation: string;
  readonly contentType?: string;
  readonly updated: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface Target {
  readonly bucket: string;
  readonly contentType: string;
  readonly key: string;
  /** The generation that must be there, 0 for none; `undefined` for any. */
  readonly ifGenerationMatch: string | undefined;
  /** New with each put, so that a repeated one knows its own object again. */
  readonly mark: string;
  /** Milliseconds for one attempt to send a part. */
  readonly uploadMs: number;
}

const metadataOf = ({ key, contentType, mark }: Target) => ({ name: key, contentType, metadata: { mark } });
const pathOf = ({ bucket }: Target) => `/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`;

/** One request with metadata and content: https://cloud.google.com/storage/docs/uploading-objects#rest-upload-objects */
export function uploadWhole(rest: Rest, target: Target, bytes: Buffer): Promise<ObjectResource> {
  const boundary = `part-${randomBytes(18).toString('hex')}`;
  const metadata = `content-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(metadataOf(target))}`;
  const content = `content-type: ${target.contentType}\r\n\r\n`;
  return rest.json<ObjectResource>({
    method: 'POST',
    path: pathOf(target),
    query: { uploadType: 'multipart', ifGenerationMatch: target.ifGenerationMatch },
    headers: { 'content-type': `multipart/related; boundary=${boundary}` },
    body: Buffer.concat([
      Buffer.from(`--${boundary}\r\n${metadata}\r\n--${boundary}\r\n${content}`),
      bytes,
      Buffer.from(`\r\n--${boundary}--`),
    ]),
    safe: true,
    deadline: rest.deadline() + target.uploadMs,
    attemptMs: target.uploadMs,
  });
}

/**
 * A resumable upload, part by part (https://cloud.google.com/storage/docs/performing-resumable-uploads). Nothing is
 * visible before the last part. When the source breaks, the upload is cancelled and the source's error thrown.
 */
export async function uploadParts(rest: Rest, target: Target, parts: AsyncIterable<Part>): Promise<ObjectResource> {
  const started = await rest.send({
    method: 'POST',
    path: pathOf(target),
    query: { uploadType: 'resumable', ifGenerationMatch: target.ifGenerationMatch },
    headers: { 'x-upload-content-type': target.contentType },
    body: metadataOf(target),
    safe: true,
  });
  started.body.resume();
  const session = started.headers.location;
  if (!session) throw new UnavailableError(rest.service, 'none', { cause: new Error('no session for an upload') });
  try {
    let offset = 0;
    for await (const { bytes, last } of parts) {
      const done = await uploadPart(rest, target, session, { bytes, last }, offset);
      if (done) return done;
      offset += bytes.length;
    }
    throw new UnavailableError(rest.service, 'unknown', { cause: new Error('an upload did not end') });
  } catch (thrown) {
    // Only a courtesy: what is left behind is invisible, and gone after a week.
    await rest.send({ method: 'DELETE', path: session, safe: false }).then(
      (response) => response.body.resume(),
      () => undefined,
    );
    throw thrown;
  }
}

/** The finished object after the last part; `undefined` before. */
async function uploadPart(
  rest: Rest,
  { uploadMs }: Target,
  session: string,
  { bytes, last }: Part,
  offset: number,
): Promise<ObjectResource | undefined> {
  const deadline = rest.deadline() + uploadMs;
  const end = offset + bytes.length;
  const total = last ? String(end) : '*';
  const put = (range: string, body: Buffer, safe: boolean) =>
    rest.read(
      {
        method: 'PUT',
        path: session,
        headers: { 'content-range': `bytes ${range}/${total}` },
        body,
        safe,
        deadline,
        attemptMs: uploadMs,
      },
      toProgress,
    );
  let sent = offset;
  for (let attempt = 0; ; attempt += 1) {
    let progress: Progress;
    try {
      progress = await put(`${sent}-${end - 1}`, bytes.subarray(sent - offset), false);
    } catch (thrown) {
      // The session is gone (404, 410): the whole has to be put again, and nothing of it is visible.
      if (thrown instanceof GoogleError && (thrown.status === 404 || thrown.status === 410))
        throw new UnavailableError(rest.service, 'none', { cause: thrown });
      if (!(thrown instanceof UnavailableError) || thrown.outcome === 'none') throw thrown;
      await rest.pause(attempt, deadline, thrown, 'unknown');
      // How much has arrived?
      progress = await put('*', Buffer.alloc(0), true);
    }
    if (progress.object) return progress.object;
    // Google may keep less than it was sent; the rest has to come again.
    sent = Math.max(sent, progress.persisted);
    if (sent >= end && !last) return undefined;
  }
}

interface Progress {
  readonly persisted: number;
  readonly object?: ObjectResource;
}

async function toProgress(response: HttpResponse): Promise<Progress> {
  const text = await readText(response);
  if (response.status !== 308) return { persisted: 0, object: JSON.parse(text) };
  const upTo = /-(\d+)$/.exec(response.headers.range ?? '')?.[1];
  return { persisted: upTo === undefined ? 0 : Number(upTo) + 1 };
}
