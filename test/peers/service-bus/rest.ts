import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import rhea from 'rhea';
import type { Broker } from './broker.ts';

export interface RestOptions {
  readonly key: { readonly name: string; readonly value: string };
  /** Entra tokens that are accepted. */
  readonly tokens: ReadonlySet<string>;
  /** Called for each request that was taken, with the number of its messages. */
  onSend(messages: number): void;
}

const MAX_BATCH_BYTES = 262_144;
const MAX_ID_LENGTH = 128;
const BATCH = 'application/vnd.microsoft.servicebus.json';

/** Service Bus's HTTPS endpoint for sending, without the S: https://learn.microsoft.com/rest/api/servicebus/send-message-batch */
export async function listenRest(
  broker: Broker,
  options: RestOptions,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request));
    response.writeHead(take(broker, options, request, body)).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Listening on TCP, a server has an address of this type.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Takes all messages or none; returns the status. */
function take(broker: Broker, options: RestOptions, request: IncomingMessage, body: Buffer): number {
  const [, queue] = /^\/([^/?]+)\/messages/.exec(request.url ?? '') ?? [];
  if (request.method !== 'POST' || queue === undefined) return 404;
  if (!isAuthorized(request, options)) return 401;
  if (body.length > MAX_BATCH_BYTES) return 403;
  if (request.headers['content-type'] !== BATCH) return 400;
  const messages = toMessages(body.toString());
  if (!messages) return 400;
  for (const message of messages) broker.put(decodeURIComponent(queue).toLowerCase(), message);
  options.onSend(messages.length);
  return 201;
}

interface Sent {
  readonly Body: string;
  readonly BrokerProperties?: { readonly MessageId?: string; readonly ContentType?: string };
  readonly UserProperties?: Readonly<Record<string, unknown>>;
}

function toMessages(text: string) {
  const sent: unknown = JSON.parse(text);
  if (!Array.isArray(sent) || sent.length === 0 || !sent.every(isSent)) return undefined;
  return sent.map(({ Body, BrokerProperties = {}, UserProperties = {} }) => ({
    // Sent over HTTP, a body is bytes to whoever receives it over AMQP.
    body: rhea.message.data_section(Buffer.from(Body)),
    ...(BrokerProperties.MessageId === undefined ? {} : { message_id: BrokerProperties.MessageId }),
    ...(BrokerProperties.ContentType === undefined ? {} : { content_type: BrokerProperties.ContentType }),
    application_properties: { ...UserProperties },
  }));
}

const isSent = (value: unknown): value is Sent => {
  const { Body, BrokerProperties } = Object(value);
  return typeof Body === 'string' && (BrokerProperties?.MessageId ?? '').length <= MAX_ID_LENGTH;
};

function isAuthorized({ headers, url, socket }: IncomingMessage, { key, tokens }: RestOptions): boolean {
  const [scheme, rest = ''] = (headers.authorization ?? '').split(' ', 2);
  if (scheme === 'Bearer') return tokens.has(rest);
  const given = new Map(
    rest.split('&').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  const resource = decodeURIComponent(given.get('sr') ?? '');
  const expected = createHmac('sha256', key.value)
    .update(`${given.get('sr')}\n${given.get('se')}`)
    .digest();
  const signature = Buffer.from(decodeURIComponent(given.get('sig') ?? ''), 'base64');
  return (
    scheme === 'SharedAccessSignature' &&
    given.get('skn') === key.name &&
    // A proxy may stand in front, so the path alone is compared, not the port.
    resource.startsWith(`http://${socket.localAddress}:`) &&
    (url ?? '').toLowerCase().startsWith(new URL(resource).pathname) &&
    Number(given.get('se')) * 1_000 > Date.now() &&
    signature.length === expected.length &&
    timingSafeEqual(signature, expected)
  );
}
