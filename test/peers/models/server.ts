import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttp, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { AZURE, hearChat, sayChat, sayEmbeddings, unauthorized } from './azure-openai.ts';
import { BEDROCK, hearConverse, sayConverse, sayTitan, unsigned } from './bedrock.ts';
import type { Reply } from './reply.ts';
import { echo, type Heard, type Line, type Script } from './script.ts';
import { type SigningKey, wrongSignature } from './sigv4.ts';
import { hearContent, sayContent, sayPredict, unauthenticated, VERTEX } from './vertex.ts';

type Spoken = Exclude<Line, { kind: 'slow' | 'reset' | 'truncated' }>;

/** The models of three vendors on one port of the loopback address; nothing but scripts behind them. */
export interface ModelsPeer {
  readonly url: string;
  /** Secrets that it accepts, made at its start. */
  readonly key: SigningKey;
  readonly apiKey: string;
  readonly entraToken: string;
  readonly googleToken: string;
  /** What is said, by model (id or deployment); models without a script echo. */
  script(model: string): Script;
  /** Every request that was authorised and understood, in order. */
  readonly heard: readonly Heard[];
  /** Answers that were refused for their signature, key or token. */
  readonly unauthorised: number;
  /** Environment in which the vendors' adapters find the peer and its secrets. */
  readonly env: Readonly<Record<string, string>>;
  reset(): void;
  close(): Promise<void>;
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly protocol: Heard['protocol'];
}

/** How a reply leaves: whole, or half and then a reset. */
interface Outgoing {
  send(reply: Reply, text: string, half?: boolean): void;
  cut(): void;
}

export async function startModels(): Promise<ModelsPeer> {
  const secret = () => randomBytes(24).toString('base64url');
  const key = { accessKeyId: `PEER${randomBytes(8).toString('hex').toUpperCase()}`, secretAccessKey: secret() };
  const [apiKey, entraToken, googleToken] = [secret(), secret(), secret()];
  const scripts = new Map<string, Script>();
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  let unauthorised = 0;

  function script(model: string): Script {
    const known = scripts.get(model) ?? { lines: [], otherwise: echo };
    scripts.set(model, known);
    return known;
  }

  /** How the caller proved itself; throws the vendor's own refusal. */
  function authorise({ path, headers, ...rest }: Incoming): string {
    const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (BEDROCK.test(path)) {
      const wrong = wrongSignature({ path, headers, ...rest }, key, 'bedrock');
      if (wrong) throw unsigned(wrong);
      return 'sigv4';
    }
    if (AZURE.test(path)) {
      if (headers['api-key'] === apiKey) return 'api-key';
      if (bearer === entraToken || bearer === apiKey) return 'bearer';
      throw unauthorized();
    }
    if (bearer !== googleToken) throw unauthenticated();
    return 'bearer';
  }

  function embed({ path }: Incoming, body: unknown): Reply {
    if (BEDROCK.test(path)) return sayTitan(body, vectorOf);
    return AZURE.test(path) ? sayEmbeddings(body, vectorOf) : sayPredict(path, body, vectorOf);
  }

  function speak(line: Spoken, one: Heard): Reply {
    if (one.vendor === 'bedrock') return sayConverse(line, one);
    return one.vendor === 'azure-openai' ? sayChat(line, one) : sayContent(line);
  }

  const hear = (path: string, body: unknown) =>
    BEDROCK.test(path) ? hearConverse(path, body) : AZURE.test(path) ? hearChat(body) : hearContent(path, body);

  async function handle(incoming: Incoming, outgoing: Outgoing): Promise<void> {
    const say = (reply: Reply, half = false) => outgoing.send(reply, JSON.stringify(reply.body), half);
    const tokens = tokenOf(incoming, { entraToken, googleToken, apiKey });
    if (tokens) return say(tokens);
    const known = [BEDROCK, AZURE, VERTEX].some((path) => path.test(incoming.path));
    if (incoming.method !== 'POST' || !known) return say({ status: 404, body: { message: 'no such path' } });
    let auth: string;
    try {
      auth = authorise(incoming);
    } catch (refusal) {
      unauthorised += 1;
      return say(refusal as Reply); // thrown by `authorise` alone
    }
    const body: unknown = JSON.parse(incoming.body.toString());
    const common = { auth, protocol: incoming.protocol, at: Date.now() };
    try {
      const isEmbedding = /(embeddings|predict|invoke)$/.test(incoming.path);
      const one: Heard = isEmbedding
        ? { ...embeddingHeard(incoming.path, body), ...common }
        : { ...hear(incoming.path, body), ...common };
      heard.push(one);
      const { lines, otherwise } = script(one.model);
      let line = lines.shift() ?? (isEmbedding ? undefined : otherwise(one));
      while (line?.kind === 'slow') {
        await pause(line.ms);
        line = line.next;
      }
      if (!line) return say(embed(incoming, body));
      if (line.kind === 'reset' && !line.midAnswer) return outgoing.cut();
      if (line.kind === 'reset') return say(speak({ kind: 'answer', say: 'x'.repeat(5_000) }, one), true);
      if (line.kind !== 'truncated') return say(speak(line, one));
      const reply = speak({ kind: 'answer', say: 'half an answer' }, one);
      const text = JSON.stringify(reply.body);
      outgoing.send(reply, text.slice(0, text.length / 2));
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal;
      say(refusal as Reply); // thrown by `hear…` alone
    }
  }

  const plain = createHttp(async (request, response) => {
    const body = await Array.fromAsync(request).then(Buffer.concat, () => undefined);
    if (!body) return;
    const { method = '', url: path = '', headers } = request;
    await handle(
      { method, path, headers, body, protocol: 'http/1.1' },
      {
        send(reply, text, half) {
          const length = Buffer.byteLength(text);
          response.writeHead(reply.status, {
            'content-type': 'application/json',
            'content-length': length,
            ...reply.headers,
          });
          if (!half) return void response.end(text);
          response.write(text.slice(0, text.length / 2), () => request.socket.resetAndDestroy());
        },
        cut: () => request.socket.resetAndDestroy(),
      },
    );
  });
  const h2c = createHttp2();
  h2c.on('stream', async (stream, headers) => {
    stream.on('error', () => {});
    const body = await Array.fromAsync(stream).then(Buffer.concat, () => undefined);
    if (!body) return;
    const { ':method': method = '', ':path': path = '' } = headers;
    const cut = () => stream.session?.socket.destroy();
    await handle(
      { method, path, headers, body, protocol: 'h2c' },
      {
        send(reply, text, half) {
          if (stream.destroyed) return;
          stream.respond({ ':status': reply.status, 'content-type': 'application/json', ...reply.headers });
          if (half) stream.write(text.slice(0, text.length / 2), () => cut());
          else stream.end(text);
        },
        cut,
      },
    );
  });
  h2c.on('sessionError', () => {});

  // HTTP/2 without TLS begins with a preface that is no request of HTTP/1.1; the first bytes tell which it is. They
  // cannot be given back to a socket that goes to http2 (which reads below it), so both are servers of their own.
  const ports = { plain: await listen(plain), h2c: await listen(h2c) };
  const front = createTcp((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', (first: Buffer) => {
      const inner = connect(first.toString('latin1', 0, 3) === 'PRI' ? ports.h2c : ports.plain, '127.0.0.1');
      sockets.add(inner);
      inner.on('error', () => {}).on('close', (failed) => (failed ? socket.resetAndDestroy() : socket.destroy()));
      socket.on('close', () => inner.destroy());
      inner.write(first);
      socket.pipe(inner).pipe(socket);
    });
  });
  const url = `http://127.0.0.1:${await listen(front)}`;
  return {
    url,
    key,
    apiKey,
    entraToken,
    googleToken,
    script,
    heard,
    get unauthorised() {
      return unauthorised;
    },
    env: {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AZURE_OPENAI_API_KEY: apiKey,
      IDENTITY_ENDPOINT: `${url}/msi/token`,
      IDENTITY_HEADER: 'peer',
      GCE_METADATA_HOST: new URL(url).host,
    },
    reset() {
      scripts.clear();
      heard.length = 0;
      unauthorised = 0;
    },
    async close() {
      const closed = [front, plain, h2c].map((server) => once(server, 'close'));
      for (const server of [front, plain, h2c]) server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Listening on TCP, a server has an address of this type.
  return (server.address() as AddressInfo).port;
}

/**
 * App Service's identity endpoint, Entra's token endpoint (the API key is its client secret and its federated token) and
 * Google's metadata server, which hand out the tokens that the peer accepts.
 */
function tokenOf(
  { path, headers, body }: Incoming,
  tokens: { entraToken: string; googleToken: string; apiKey: string },
): Reply | undefined {
  if (path === '/tenant/oauth2/v2.0/token') {
    const form = new URLSearchParams(body.toString());
    const proof = form.get('client_secret') ?? form.get('client_assertion');
    const right = proof === tokens.apiKey && form.get('scope') === 'https://cognitiveservices.azure.com/.default';
    if (!right) return { status: 401, body: { error: 'invalid_client' } };
    return { status: 200, body: { token_type: 'Bearer', expires_in: 3_599, access_token: tokens.entraToken } };
  }
  if (path.startsWith('/msi/token?')) {
    const { searchParams } = new URL(path, 'http://peer');
    const right =
      headers['x-identity-header'] === 'peer' && searchParams.get('resource') === 'https://cognitiveservices.azure.com';
    const body = { access_token: tokens.entraToken, expires_on: String(Math.floor(Date.now() / 1000) + 86_400) };
    return right ? { status: 200, body } : { status: 400, body: {} };
  }
  if (path !== '/computeMetadata/v1/instance/service-accounts/default/token') return undefined;
  if (headers['metadata-flavor'] !== 'Google') return { status: 403, body: {} };
  return { status: 200, body: { access_token: tokens.googleToken, expires_in: 3_599, token_type: 'Bearer' } };
}

function embeddingHeard(path: string, body: unknown): Omit<Heard, 'auth' | 'protocol' | 'at'> {
  const named = decodeURIComponent(BEDROCK.exec(path)?.[1] ?? VERTEX.exec(path)?.[1] ?? '');
  const vendor = BEDROCK.test(path) ? 'bedrock' : AZURE.test(path) ? 'azure-openai' : 'vertex';
  const model = named || String((body as { model?: string }).model);
  return { vendor, model, system: '', text: JSON.stringify(body), tools: [], body };
}

/** The same vector for the same text; not of length 1, so that somebody has to see to that. */
function vectorOf(text: string, length: number): number[] {
  const bytes = createHash('sha256').update(text).digest();
  return Array.from({ length }, (_, i) => ((bytes[i % bytes.length] ?? 0) - 127) / 64);
}
