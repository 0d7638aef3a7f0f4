import { once } from 'node:events';
import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** A request as the proxy saw it. */
export interface SeenRequest {
  /** By default what `x-amz-target` names, else method and path: `PutItem`, `GET /container/blob`. */
  readonly operation: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers?: IncomingHttpHeaders;
  readonly body?: string | Buffer;
}

export type Forward = (request: SeenRequest) => Promise<Answer>;

/**
 * What happens to a request:
 * - `reset`: the connection is reset before the service has seen anything
 * - `cut`: the service does its work, then the connection is reset in the middle of the answer
 * - `drop`: the service does its work, and no answer ever comes
 * - `answer`: this answer (503, 429, …) in the service's place
 * - `delay`: as usual, after some milliseconds
 * - `intercept`: whatever the function does; it may ask the service
 */
export type Fault = {
  /** The operations it happens to; all unless given. */
  readonly on?: string | ((request: SeenRequest) => boolean);
  /** How often it happens; for ever unless given. */
  readonly times?: number;
} & (
  | { readonly kind: 'reset' | 'cut' | 'drop' }
  | ({ readonly kind: 'answer' } & Answer)
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'intercept'; handle(request: SeenRequest, forward: Forward): Promise<Answer> }
);

export interface FaultyProxy {
  /** Where clients connect to; the same after `refuse` and `accept`. */
  readonly url: string;
  /** Adds a fault; of those that fit a request, the first one added happens. Returns how often it has happened. */
  inject(fault: Fault): () => number;
  /** Refuses connections, and closes those that are open, until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Takes all faults away; counts stay. */
  heal(): Promise<void>;
  /** Requests that arrived since the last `forget`, those that came to harm included. */
  readonly requests: readonly SeenRequest[];
  /** How many of them were of one operation; all unless given. */
  count(operation?: string): number;
  /** The largest number of requests that were under way at the same time since the last `forget`. */
  peak(): number;
  forget(): void;
  close(): Promise<void>;
}

export interface FaultyProxyOptions {
  /** Names the operation of a request for counting and for `on`. */
  readonly operationOf?: (request: Omit<SeenRequest, 'operation'>) => string;
  /** Asks the service one thing at a time, for one that breaks when it is asked two. */
  readonly serial?: boolean;
}

/** An HTTP/1.1 proxy between a client and the service at `upstream`, at which things go wrong on demand. */
export async function startFaultyProxy(upstream: string, options: FaultyProxyOptions = {}): Promise<FaultyProxy> {
  const { operationOf = toOperation, serial = false } = options;
  const agent = new Agent({ keepAlive: true });
  let requests: SeenRequest[] = [];
  let faults: { fault: Fault; left: number; happened: number }[] = [];
  let underWay = 0;
  let peak = 0;

  let turn: Promise<unknown> = Promise.resolve();
  const forward: Forward = (request) => {
    if (!serial) return ask(upstream, agent, request);
    const answer = turn.then(() => ask(upstream, agent, request));
    turn = answer.catch(() => {});
    return answer;
  };

  const take = (request: SeenRequest): Fault | undefined => {
    const found = faults.find(({ fault, left }) => left > 0 && fits(fault, request));
    if (!found) return undefined;
    found.left--;
    found.happened++;
    return found.fault;
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = 'GET', url: path = '/', headers } = incoming;
    const body = Buffer.concat(await Array.fromAsync(incoming));
    const seen = { method, path, headers, body };
    const request: SeenRequest = { operation: operationOf(seen), ...seen };
    requests.push(request);
    peak = Math.max(peak, ++underWay);
    outgoing.once('close', () => underWay--);
    const fault = take(request);
    if (fault?.kind === 'reset') return reset(incoming.socket);
    if (fault?.kind === 'answer') return send(outgoing, method, fault);
    if (fault?.kind === 'delay') await pause(fault.ms);
    const answer = fault?.kind === 'intercept' ? await fault.handle(request, forward) : await forward(request);
    if (fault?.kind === 'drop') return;
    if (fault?.kind === 'cut') return cut(outgoing, method, answer);
    send(outgoing, method, answer);
  };

  const sockets = new Set<Socket>();
  const server = createServer((incoming, outgoing) => {
    // The client has given up, or the service is gone: either way there is nobody to tell but the connection.
    serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    // Listening on TCP, a server has an address of this type.
    return (server.address() as AddressInfo).port;
  };
  const refuse = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) reset(socket);
    await closed;
    // Clients learn of it before they are used again: one that does not finds out in the middle of a request.
    await pause(20);
  };
  const port = await listen(0);
  const accept = async (): Promise<void> => {
    if (!server.listening) await listen(port);
  };
  return {
    url: `http://127.0.0.1:${port}`,
    inject(fault) {
      const added = { fault, left: fault.times ?? Number.POSITIVE_INFINITY, happened: 0 };
      faults.push(added);
      return () => added.happened;
    },
    refuse,
    accept,
    async heal() {
      faults = [];
      await accept();
    },
    get requests() {
      return requests;
    },
    count: (operation) =>
      requests.filter((request) => operation === undefined || request.operation === operation).length,
    peak: () => peak,
    forget() {
      requests = [];
      peak = underWay;
    },
    async close() {
      await refuse();
      agent.destroy();
    },
  };
}

function toOperation({ method, path, headers }: Omit<SeenRequest, 'operation'>): string {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  return `${method} ${path.split('?', 1)[0]}`;
}

const fits = ({ on }: Fault, request: SeenRequest): boolean =>
  on === undefined || (typeof on === 'string' ? on === request.operation : on(request));

/** Headers that belong to one connection, or to a body that was sent in another way. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'content-length'];

function ask(upstream: string, agent: Agent, { method, path, headers, body }: SeenRequest): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
    const url = new URL(upstream);
    const outgoing = httpRequest(
      // Not `new URL(path, upstream)`: that would tidy the path, and with it what was signed.
      { host: url.hostname, port: url.port, method, path, agent, headers: { ...kept, 'content-length': body.length } },
      (incoming) => {
        Array.fromAsync(incoming).then(
          (chunks) =>
            resolve({
              status: incoming.statusCode ?? 502,
              headers: incoming.headers,
              body: Buffer.concat(chunks),
            }),
          reject,
        );
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function head(outgoing: ServerResponse, method: string, { status, headers = {}, body = '' }: Answer): Buffer {
  const bytes = Buffer.from(body);
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !HOP_BY_HOP.includes(name.toLowerCase())) outgoing.setHeader(name, value);
  // The length in the answer to HEAD is that of a body which does not follow.
  outgoing.setHeader('content-length', method === 'HEAD' ? (headers['content-length'] ?? 0) : bytes.length);
  outgoing.writeHead(status);
  return bytes;
}

function send(outgoing: ServerResponse, method: string, answer: Answer): void {
  outgoing.end(head(outgoing, method, answer));
}

/** The head and half of the body, then a reset; where there is no body, half of the head. */
function cut(outgoing: ServerResponse, method: string, answer: Answer): void {
  const { socket } = outgoing;
  const bytes = Buffer.from(answer.body ?? '');
  if (!socket) return;
  if (bytes.length < 2) socket.write('HTTP/1.1 200 O', () => reset(socket));
  else {
    head(outgoing, method, answer);
    outgoing.write(bytes.subarray(0, bytes.length / 2), () => reset(socket));
  }
}

const reset = (socket: Socket): void => {
  socket.resetAndDestroy();
};
