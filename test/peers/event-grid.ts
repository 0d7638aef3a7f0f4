import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface EventGridPeer {
  /** Of the one custom topic. */
  readonly endpoint: string;
  readonly key: string;
  /** Entra tokens that are accepted. */
  readonly tokens: Set<string>;
  /** A subscription whose `includedEventTypes` names exactly this type. */
  subscribe(name: string, type: string): void;
  /** Takes what came for a subscription: each event as it would be delivered. */
  take(subscription: string, max: number): CloudEvent[];
  /** How many events each request brought, in order. */
  readonly requests: readonly number[];
  close(): Promise<void>;
}

export type CloudEvent = Readonly<Record<string, unknown>>;

const MAX_BYTES = 1024 * 1024;

/**
 * An Event Grid custom topic with the CloudEvents schema
 * (https://learn.microsoft.com/azure/event-grid/cloud-event-schema): a request is taken whole or not at all.
 */
export async function startEventGrid(): Promise<EventGridPeer> {
  const key = randomBytes(32).toString('base64');
  const tokens = new Set<string>();
  const subscriptions = new Map<string, { type: string; waiting: CloudEvent[] }>();
  const requests: number[] = [];

  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request));
    const refusal = refusalOf(request, body, key, tokens);
    if (refusal) {
      const error = { error: { code: refusal.status, message: refusal.message } };
      response.writeHead(refusal.status, { 'content-type': 'application/json' }).end(JSON.stringify(error));
      return;
    }
    const events: CloudEvent[] = JSON.parse(body.toString());
    requests.push(events.length);
    for (const { type, waiting } of subscriptions.values())
      waiting.push(...events.filter((event) => event['type'] === type));
    response.writeHead(200).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Listening on TCP, a server has an address of this type.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/api/events`,
    key,
    tokens,
    subscribe: (name, type) => void subscriptions.set(name, { type, waiting: [] }),
    take: (name, max) => subscriptions.get(name)?.waiting.splice(0, max) ?? [],
    requests,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function refusalOf(
  { method, url = '', headers }: IncomingMessage,
  body: Buffer,
  key: string,
  tokens: ReadonlySet<string>,
): { status: number; message: string } | undefined {
  const { pathname, searchParams } = new URL(url, 'http://peer');
  if (method !== 'POST' || pathname !== '/api/events') return { status: 404, message: 'no such topic' };
  if (!searchParams.has('api-version')) return { status: 400, message: 'api-version is missing' };
  const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
  if (headers['aeg-sas-key'] !== key && !(scheme === 'Bearer' && tokens.has(token)))
    return { status: 401, message: 'unauthorized' };
  if (!/^application\/cloudevents-batch\+json\b/.test(headers['content-type'] ?? ''))
    return { status: 415, message: `content type ${headers['content-type']}` };
  if (body.length > MAX_BYTES) return { status: 413, message: 'more than 1 MB' };
  return faultIn(body);
}

/** The rules of CloudEvents 1.0 for a batch, and Event Grid's that attributes are text. */
function faultIn(body: Buffer): { status: number; message: string } | undefined {
  const events: unknown = JSON.parse(body.toString());
  if (!Array.isArray(events) || events.length === 0) return { status: 400, message: 'not a batch' };
  for (const event of events) {
    for (const name of ['id', 'source', 'type', 'specversion'])
      if (typeof event[name] !== 'string' || event[name] === '') return { status: 400, message: `${name} is missing` };
    if (event.specversion !== '1.0') return { status: 400, message: 'specversion' };
    if (event.time !== undefined && Number.isNaN(Date.parse(event.time))) return { status: 400, message: 'time' };
    const wrong = Object.keys(event).find((name) => !/^[a-z0-9_]{1,20}$/.test(name));
    if (wrong !== undefined) return { status: 400, message: `attribute ${wrong}` };
  }
  return undefined;
}
