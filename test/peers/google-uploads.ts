import { randomUUID } from 'node:crypto';
import type { StorageState } from './cloud-storage.ts';
import { type PeerAnswer, type PeerRequest, Refusal } from './google-server.ts';

const CHUNK = 256 * 1024;

interface Metadata {
  readonly name: string;
  readonly contentType?: string;
  readonly metadata?: Record<string, string>;
}

interface Session {
  readonly url: URL;
  readonly about: Metadata;
  kept: Buffer[];
  size: number;
  /** Once for each session less is kept than was sent. */
  short: boolean;
}

/** Both kinds of upload: https://cloud.google.com/storage/docs/resumable-uploads */
export function createUploads(state: StorageState) {
  const sessions = new Map<string, Session>();

  const finish = (url: URL, about: Metadata, bytes: Buffer): PeerAnswer =>
    state.store(url, {
      name: about.name,
      bytes,
      contentType: about.contentType ?? 'application/octet-stream',
      metadata: about.metadata ?? {},
    });

  function begin(url: URL, body: Buffer): PeerAnswer {
    const about: Metadata = JSON.parse(body.toString());
    state.check(url, about.name);
    const id = randomUUID();
    sessions.set(id, { url, about, kept: [], size: 0, short: true });
    const session = new URL(url);
    session.searchParams.set('upload_id', id);
    return { status: 200, headers: { location: session.href } };
  }

  function go(id: string, session: Session, range: string, body: Buffer): PeerAnswer {
    const [, from, to, total] = /^bytes (?:\*|(\d+)-(\d+))\/(\d+|\*)$/.exec(range) ?? [];
    if (total === undefined) throw new Refusal(400, 'invalid', `Bad Content-Range: ${range}`);
    if (from !== undefined) take(session, Number(from), Number(to), total, body);
    if (String(session.size) !== total) {
      const headers: Record<string, string> = session.size > 0 ? { range: `bytes=0-${session.size - 1}` } : {};
      return { status: 308, headers };
    }
    const answer = finish(session.url, session.about, Buffer.concat(session.kept));
    sessions.delete(id);
    return answer;
  }

  return {
    open: () => sessions.size,
    answer({ method, url, headers, body }: PeerRequest): PeerAnswer {
      if (url.searchParams.get('uploadType') === 'multipart') {
        const { about, content } = fromMultipart(headers['content-type'] ?? '', body);
        return finish(url, about, content);
      }
      const id = url.searchParams.get('upload_id');
      if (!id) return begin(url, body);
      const session = sessions.get(id);
      if (!session) throw new Refusal(404, 'notFound', 'No such upload');
      if (method === 'DELETE') {
        sessions.delete(id);
        return { status: 499 };
      }
      return go(id, session, headers['content-range'] ?? '', body);
    },
  };
}

function take(session: Session, from: number, to: number, total: string, body: Buffer): void {
  if (to - from + 1 !== body.length) throw new Refusal(400, 'invalid', 'Content-Range and length differ');
  if (from > session.size) throw new Refusal(503, 'backendError', 'Bytes are missing before these');
  if (total === '*' && body.length % CHUNK !== 0) throw new Refusal(400, 'invalid', 'Chunks are multiples of 256 KiB');
  let fresh = body.subarray(session.size - from);
  if (session.short && fresh.length > CHUNK) fresh = fresh.subarray(0, fresh.length - CHUNK);
  session.short = false;
  session.kept.push(fresh);
  session.size += fresh.length;
}

function fromMultipart(type: string, body: Buffer): { about: Metadata; content: Buffer } {
  const boundary = /^multipart\/related; boundary=(\S+)$/.exec(type)?.[1];
  if (!boundary) throw new Refusal(400, 'invalid', 'No boundary');
  const opening = body.indexOf(`\r\n--${boundary}\r\n`);
  const closing = body.lastIndexOf(`\r\n--${boundary}--`);
  const about = body.subarray(body.indexOf('\r\n\r\n') + 4, opening);
  const content = body.subarray(body.indexOf('\r\n\r\n', opening + 2) + 4, closing);
  return { about: JSON.parse(about.toString()), content };
}
