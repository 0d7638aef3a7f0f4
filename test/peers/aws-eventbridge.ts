import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toRefusal } from './aws-faults.ts';
import type { Answer } from './faulty-proxy.ts';

interface PutEvent {
  readonly EventBusName?: string;
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
}

export interface EventBridgePeer {
  readonly url: string;
  /** Takes at most `max` envelopes that a rule for this type has matched, each once for each `subscriber`. */
  receive(subscriber: { readonly name: string; readonly type: string }, max: number): string[];
  close(): Promise<void>;
}

/**
 * `PutEvents` with the limits that moto does not keep (10 entries, less than 1 MB together), and without the tenth of
 * a second that moto takes for each event and target:
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export async function startEventBridgePeer(): Promise<EventBridgePeer> {
  const events: PutEvent[] = [];
  const read = new Map<string, number>();
  const server = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await Array.fromAsync(incoming)).toString();
    const { status, headers = {}, body: answered } = answerTo(JSON.parse(body).Entries, events);
    outgoing.writeHead(status, headers).end(answered);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Listening on TCP, a server has an address of this type.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    receive({ name, type }, max) {
      const matched = events.filter(({ DetailType }) => DetailType === type).map(({ Detail = '' }) => Detail);
      const from = read.get(name) ?? 0;
      const taken = matched.slice(from, from + max);
      read.set(name, from + taken.length);
      return taken;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answerTo(entries: readonly PutEvent[], events: PutEvent[]): Answer {
  const bytes = entries.reduce(
    (sum, { Source = '', DetailType = '', Detail = '' }) => sum + Buffer.byteLength(Source + DetailType + Detail),
    0,
  );
  if (entries.length < 1 || entries.length > 10 || bytes >= 1_000_000) return toRefusal('ValidationException');
  const results = entries.map((entry) => {
    if (!isObject(entry.Detail)) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    events.push(entry);
    return { EventId: randomUUID() };
  });
  const FailedEntryCount = results.filter(({ ErrorCode }) => ErrorCode).length;
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify({ FailedEntryCount, Entries: results }),
  };
}

function isObject(text = ''): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
