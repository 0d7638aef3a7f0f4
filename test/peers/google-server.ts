import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PeerRequest {
  readonly method: string;
  /** By the address that the client used, which may be a proxy's. */
  readonly url: URL;
  /** Path as it came, still escaped. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface PeerAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object | Buffer | string;
}

export interface Peer {
  readonly url: string;
  close(): Promise<void>;
}

/** A refusal, thrown by a peer's handlers and answered as Google's APIs do: https://google.aip.dev/193 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: number;
  readonly status: string;
  constructor(code: number, status: string, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A server on the loopback address that answers by `handle`. */
export async function startPeer(handle: (request: PeerRequest) => PeerAnswer): Promise<Peer> {
  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    // Half a request has no effect, as with Google.
    const body = await Array.fromAsync(incoming).then(Buffer.concat, () => undefined);
    if (!body) return;
    const answer = answering(() =>
      handle({ method, url: new URL(path, `http://${headers.host}`), path, headers, body }),
    );
    const plain = typeof answer.body === 'string' || answer.body instanceof Buffer || answer.body === undefined;
    const text = plain ? (answer.body ?? '') : JSON.stringify(answer.body);
    outgoing.writeHead(answer.status, {
      ...(plain ? {} : { 'content-type': 'application/json; charset=UTF-8' }),
      'content-length': Buffer.byteLength(text),
      ...answer.headers,
    });
    outgoing.end(method === 'HEAD' ? undefined : text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const peer: Peer = {
    // Listening on TCP, a server has an address of this type.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return peer;
}

function answering(handle: () => PeerAnswer): PeerAnswer {
  try {
    return handle();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    const { code, status, message } = thrown;
    return { status: code, body: { error: { code, message, status } } };
  }
}
