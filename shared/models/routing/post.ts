import http from 'node:http';
import https from 'node:https';
import { setImmediate } from 'node:timers/promises';
import { ModelFailure } from './failure.ts';
import type { Attempt } from './provider.ts';

export interface Posted {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

export interface Poster {
  /** The whole answer, whatever its status. Throws `ModelFailure` of the kind `down` (or `aborted`) without one. */
  post(url: URL, headers: Readonly<Record<string, string>>, body: string, attempt: Attempt): Promise<Posted>;
  close(): void;
}

/** An answer that is longer is none: a model's is some kilobytes, a batch of vectors some megabytes. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * POST over kept connections, on node:http as everywhere in this house: `fetch` drops idle connections after 4 s and
 * does not tell whether a request was sent.
 */
export function createPoster(): Poster {
  const options = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' } as const;
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };

  async function post(
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string,
    { timeoutMs, signal }: Attempt,
  ): Promise<Posted> {
    // An instance that was frozen hears here that the other side closed a kept connection, before it chooses one.
    await setImmediate();
    await setImmediate();
    return new Promise((resolve, reject) => {
      let sent = false;
      const fail = (cause: Error & { readonly code?: string }) => {
        clearTimeout(timer);
        const kind = signal?.aborted ? 'aborted' : 'down';
        reject(new ModelFailure(kind, `no answer (${cause.code ?? cause.message})`, { lost: sent, cause }));
      };
      const secure = url.protocol === 'https:';
      const outgoing = (secure ? https : http).request(
        url,
        {
          method: 'POST',
          agent: secure ? agents.https : agents.http,
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            'content-length': String(Buffer.byteLength(body)),
            ...headers,
          },
          ...(signal ? { signal } : {}),
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          incoming.on('data', (chunk: Buffer) => {
            chunks.push(chunk);
            bytes += chunk.length;
            if (bytes > MOST_BYTES) outgoing.destroy(new Error(`more than ${MOST_BYTES} bytes`));
          });
          incoming.on('error', fail);
          incoming.on('aborted', () => fail(new Error('the answer was cut short')));
          incoming.on('end', () => {
            clearTimeout(timer);
            const header = (name: string) => [incoming.headers[name]].flat()[0];
            resolve({ status: incoming.statusCode ?? 0, header, text: Buffer.concat(chunks).toString('utf8') });
          });
        },
      );
      const timer = setTimeout(
        () => outgoing.destroy(new Error(`time-out after ${Math.round(timeoutMs)} ms`)),
        timeoutMs,
      );
      outgoing.on('socket', (socket) => {
        if (!socket.connecting) sent = true;
        else socket.once(secure ? 'secureConnect' : 'connect', () => (sent = true));
      });
      outgoing.on('error', fail);
      outgoing.end(body);
    });
  }

  return {
    post,
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** An answer's JSON; one that is no JSON was cut off or comes from a proxy on the way. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFailure('down', 'the answer is no JSON', { lost: true, cause });
  }
}
