import rhea, { type Message } from 'rhea';
import type { Broker, Entry } from './broker.ts';
import { decode, fromUuid, scheduledFor, toDelivered } from './wire.ts';

export interface ManagementAnswer {
  readonly status: number;
  readonly description?: string;
  readonly condition?: string;
  readonly body?: unknown;
}

const LOCK_LOST: ManagementAnswer = {
  status: 410,
  description: 'The lock is lost',
  condition: 'com.microsoft:message-lock-lost',
};

/** AMQP's type codes of the arrays in answers. */
const TIMESTAMP = 0x83;
const LONG = 0x81;

/**
 * Requests to a queue's `$management` node
 * (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response).
 */
export function manage(broker: Broker, queue: string, { application_properties, body }: Message): ManagementAnswer {
  const operation = application_properties?.['operation'];
  switch (operation) {
    case 'com.microsoft:renew-lock': {
      const tokens: Uint8Array[] = body['lock-tokens'];
      const ends = tokens.map((token) => broker.renew(queue, fromUuid(token)));
      if (ends.includes(undefined)) return LOCK_LOST;
      return { status: 200, body: { expirations: rhea.types.wrap_array(ends, TIMESTAMP, undefined) } };
    }
    case 'com.microsoft:schedule-message': {
      const wrapped: { message: Buffer }[] = body.messages;
      const numbers = wrapped.map(({ message }) => {
        const decoded = decode(message);
        return broker.put(queue, decoded, scheduledFor(decoded));
      });
      return { status: 200, body: { 'sequence-numbers': rhea.types.wrap_array(numbers, LONG, undefined) } };
    }
    case 'com.microsoft:peek-message': {
      const entries = broker.peek(queue, Number(body['from-sequence-number']), Number(body['message-count']));
      const messages = entries.map((entry) => ({ message: rhea.message.encode(toDelivered(entry)) }));
      return { status: messages.length > 0 ? 200 : 204, body: { messages } };
    }
    case 'com.microsoft:update-disposition': {
      const tokens: Uint8Array[] = body['lock-tokens'];
      const entries = tokens.map((token) => broker.lockedBy(queue, fromUuid(token)));
      if (entries.includes(undefined)) return LOCK_LOST;
      for (const entry of entries) if (entry) dispose(broker, queue, entry, body);
      return { status: 200 };
    }
    default:
      return { status: 501, description: `The peer does not know ${operation}` };
  }
}

/** How messages are settled whose link has been closed meanwhile. */
function dispose(broker: Broker, queue: string, entry: Entry, body: Record<string, unknown>): void {
  switch (body['disposition-status']) {
    case 'completed':
      broker.take(queue, entry);
      break;
    case 'suspended':
      broker.deadLetter(queue, entry, String(body['deadletter-reason']), String(body['deadletter-description']));
      break;
    case 'defered':
      broker.defer(entry);
      break;
    default:
      broker.release(queue, entry);
  }
}
