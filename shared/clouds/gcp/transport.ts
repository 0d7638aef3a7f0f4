import http from 'node:http';
import https from 'node:https';
import { setImmediate } from 'node:timers/promises';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** Milliseconds until the whole answer must be there; with `streams` only until its head, then between two pieces. */
  readonly timeoutMs: number;
  readonly streams?: boolean;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: http.IncomingMessage;
}

/** No proper answer came. `outcome` is `none` when the request cannot have reached the server. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly outcome: 'none' | 'unknown';
  constructor(message: string, outcome: 'none' | 'unknown', cause?: unknown) {
    super(message, { cause });
    this.outcome = outcome;
  }
}

export interface Transport {
  /** Resolves with the head of the answer. Throws `TransportError`. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

/**
 * HTTP/1.1 with kept connections, on node:http. The global `fetch` would do the same, but its first call costs an
 * instance 25 ms more, it drops idle connections after 4 s, and it doesn't tell whether a failed request ever left
 * (infra/decisions/gcp-clients.md).
 */
export function createTransport(): Transport {
  // lifo: the connection used last is the one least likely to have been closed by the other side meanwhile.
  const options = { keepAlive: true, maxSockets: 64, scheduling: 'lifo' } as const;
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };

  return {
    async send(request) {
      // An instance that was frozen hasn't heard yet that the other side closed a kept connection. A turn of the event
      // loop tells it (two, since the first may end the turn that is under way), before the connection is chosen for a
      // request of which nobody could then say whether it arrived. This costs some 20 microseconds.
      await setImmediate();
      await setImmediate();
      return new Promise((resolve, reject) => {
        const secure = request.url.protocol === 'https:';
        const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
        let connected = false;
        const outgoing = (secure ? https : http).request(request.url, {
          method: request.method,
          agent: secure ? agents.https : agents.http,
          headers: { ...request.headers, ...(body ? { 'content-length': String(body.length) } : {}) },
        });
        const timer = setTimeout(() => {
          outgoing.destroy(new Error(`no answer within ${request.timeoutMs} ms`));
        }, request.timeoutMs);
        outgoing.on('socket', (socket) => {
          if (outgoing.reusedSocket) connected = true;
          else socket.once(secure ? 'secureConnect' : 'connect', () => (connected = true));
        });
        outgoing.on('error', (cause) => {
          clearTimeout(timer);
          reject(new TransportError(`${request.url.host}: ${cause.message}`, connected ? 'unknown' : 'none', cause));
        });
        outgoing.on('response', (incoming) => {
          if (request.streams) {
            clearTimeout(timer);
            incoming.setTimeout(request.timeoutMs, () => incoming.destroy(new Error('the answer stopped coming')));
          } else {
            incoming.once('close', () => clearTimeout(timer));
          }
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: incoming });
        });
        outgoing.end(body);
      });
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/** The whole body as text. Throws `TransportError` when it is cut short. */
export async function readText(response: HttpResponse): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response.body) chunks.push(chunk);
  } catch (cause) {
    throw new TransportError('the answer was cut short', 'unknown', cause);
  }
  return Buffer.concat(chunks).toString('utf8');
}
