import { toClaimCheck } from '../../claim-check.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Queue, QueueMessage } from '../../ports/queue.ts';
import { sendInTurn, toArrays } from './batches.ts';
import { bearer, type ClientOptions, createClient } from './clients.ts';
import { Fault, toFault } from './errors.ts';
import { type AccessKey, sasToken } from './sas-token.ts';

export interface QueueOptions extends ClientOptions {
  /** Of the Service Bus namespace: `https://name.servicebus.windows.net`. */
  readonly endpoint: string;
  /** A shared access policy; the function app's own identity unless given. */
  readonly key?: AccessKey;
  /** Where bodies over the limit wait (`shared/claim-check.ts`). */
  readonly objects: Pick<Objects, 'put'>;
}

/**
 * The standard tier takes 262,144 bytes a message, and a batch counts as one
 * (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas). The service counts its own encoding of
 * properties, not our JSON, so some of it is left free, and a batch is kept well under the documented 4,500 messages.
 */
export const SERVICE_BUS_LIMITS = { count: 500, bytes: 225_000 } as const;

const WHAT = 'The queue';

/** Sends to Service Bus queues over HTTPS (why not AMQP: infra/decisions/azure-clients.md). */
export function createQueue(options: QueueOptions): Queue {
  const { endpoint, objects } = options;
  const credential = options.key ? sasToken(options.key) : bearer('https://servicebus.azure.net', options);
  const client = createClient(WHAT, credential, options);

  async function send(queue: string, batch: string): Promise<void> {
    const answer = await client.send({
      method: 'POST',
      url: new URL(`${endpoint.replace(/\/$/, '')}/${encodeURIComponent(queue)}/messages`),
      body: batch,
      // Without a charset: the service compares the whole type.
      headers: { 'content-type': 'application/vnd.microsoft.servicebus.json' },
    });
    // 410 says that there is no such queue here, not that it has moved.
    if (answer.status === 410) throw new Fault('denied', '410');
    if (answer.status !== 201) throw toFault(answer);
  }

  return {
    async send(queue, messages) {
      const entries = await Promise.all(messages.map((message) => toFittingEntry(message, objects)));
      await sendInTurn(WHAT, toArrays(entries, SERVICE_BUS_LIMITS), (batch) =>
        client.retrying({ operation: 'send' }, () => send(queue, batch)),
      );
    },
    close: client.close,
  };
}

async function toFittingEntry(message: QueueMessage, objects: Pick<Objects, 'put'>): Promise<string> {
  const entry = toEntry(message);
  if (Buffer.byteLength(entry) + 3 <= SERVICE_BUS_LIMITS.bytes) return entry;
  return toEntry(await toClaimCheck(message, objects, 0));
}

/** What Service Bus takes as an id. It is for people who look into a queue: consumers go by the envelope's own. */
const ID_LENGTH = 128;

/** https://learn.microsoft.com/rest/api/servicebus/send-message-batch */
function toEntry({ id, body }: QueueMessage): string {
  const MessageId = id.length <= ID_LENGTH ? id : undefined;
  return JSON.stringify({ Body: body, BrokerProperties: { MessageId, ContentType: 'application/cloudevents+json' } });
}
