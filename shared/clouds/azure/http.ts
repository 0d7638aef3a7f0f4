import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

// Importing `node:http` reads all that it exports, and with its WebSocket all of undici: 35 ms where this takes 4.
const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule('node:http');
const { Agent: HttpsAgent, request: httpsRequest } = process.getBuiltinModule('node:https');

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Milliseconds of silence after which the attempt is taken for lost. */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface OpenAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Errors of a connection that breaks in mid-answer arrive while reading. */
  readonly stream: IncomingMessage;
}

/** No answer, or half of one. `sent` tells whether the server may have seen the request, so whether it may have acted. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly sent: boolean;
  /** The system's own name of what happened: `ECONNREFUSED`. */
  readonly code: string;
  constructor(sent: boolean, code: string) {
    super(code);
    this.sent = sent;
    this.code = code;
  }
}

export interface Http {
  /** The whole answer, whatever its status. Throws `ConnectionError`. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The answer as it begins; the caller reads its stream. Throws `ConnectionError`. */
  open(request: HttpRequest): Promise<OpenAnswer>;
  close(): void;
}

/** Connections that nobody used for so long are closed here, before a load balancer closes them in mid-request. */
const IDLE_MS = 60_000;

/**
 * One pool of kept-alive connections for an instance. `fetch` would do, but it drops idle connections after 4 s (so that
 * a quiet desk would shake hands for nearly every message), and it does not tell whether a request was sent at all.
 */
export function createHttp(): Http {
  const pool = { keepAlive: true, maxSockets: 64, timeout: IDLE_MS } as const;
  const agents = { http: new HttpAgent(pool), https: new HttpsAgent(pool) };

  async function open(request: HttpRequest): Promise<OpenAnswer> {
    // Lets the pool hear of connections that were closed while this process was busy or frozen: a request on one of
    // those ends in a reset, after which nobody knows whether it took effect. One turn reads the reset, one closes.
    await setImmediate();
    await setImmediate();
    return new Promise((resolve, reject) => {
      let sent = false;
      const secure = request.url.protocol === 'https:';
      const length = request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) };
      const outgoing = (secure ? httpsRequest : httpRequest)(request.url, {
        method: request.method,
        headers: { ...request.headers, ...length },
        agent: secure ? agents.https : agents.http,
      });
      const { timeoutMs = 0 } = request;
      const giveUp = () => void outgoing.destroy(new ConnectionError(sent, 'ETIMEDOUT'));
      outgoing.on('socket', (socket: Socket) => {
        sent = !socket.connecting;
        if (sent) return;
        // A connection that never stood has carried nothing: this alone proves that a commit has no effect.
        socket.once(secure ? 'secureConnect' : 'connect', () => (sent = true));
        // Node counts a request's silence from the connection on; who never accepts one would hold us for minutes.
        const timer = timeoutMs > 0 ? setTimeout(giveUp, timeoutMs) : undefined;
        for (const event of ['connect', 'close']) socket.once(event, () => clearTimeout(timer));
      });
      outgoing.setTimeout(timeoutMs, giveUp);
      outgoing.on('error', (error) => reject(new ConnectionError(sent, codeOf(error))));
      outgoing.on('response', (stream) => {
        // From here on the reader sets the pace: `chunksOf` counts only while it waits.
        outgoing.setTimeout(0);
        resolve({ status: stream.statusCode ?? 0, headers: stream.headers, stream });
      });
      outgoing.end(request.body);
    });
  }

  async function send(request: HttpRequest): Promise<HttpAnswer> {
    const { status, headers, stream } = await open(request);
    const chunks = await Array.fromAsync(chunksOf(stream, request.timeoutMs));
    return { status, headers, body: Buffer.concat(chunks) };
  }

  return {
    send,
    open,
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/**
 * What an answer holds. A reader may take its time; the other side may be silent for `timeoutMs` while it waits. Throws
 * `ConnectionError` when the answer breaks off; leaving the loop early closes the connection.
 */
export async function* chunksOf(stream: IncomingMessage, timeoutMs = 0): AsyncGenerator<Buffer, void> {
  const chunks = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const silence = () => stream.destroy(new ConnectionError(true, 'ETIMEDOUT'));
      const timer = timeoutMs > 0 ? setTimeout(silence, timeoutMs) : undefined;
      const { done, value } = await chunks.next().finally(() => clearTimeout(timer));
      if (done) return;
      yield value;
    }
  } catch (error) {
    throw new ConnectionError(true, codeOf(error));
  } finally {
    if (!stream.readableEnded) stream.destroy();
  }
}

const codeOf = (error: unknown): string => String(Object(error).code ?? 'ERROR');

/** A header as one text. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}
