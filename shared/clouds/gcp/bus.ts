import { LimitError } from '../../errors.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Clients } from './clients.ts';
import { publish, toPubsubMessage } from './publish.ts';

/** Eventarc brings at most 512 kB to a function, base64 and envelope included. */
export const EVENT_BYTES = 256 * 1024;

export interface BusOptions {
  /** The topic that all events go to. */
  readonly topic: string;
}

/**
 * The bus as one Pub/Sub topic. A subscriber's subscription filters by the attribute `type`
 * (`attributes.type = "ticket.closed.v1"`), which decides before anything is delivered or billed.
 * Throws `LimitError` for an event that no function could be given.
 */
export function createBus(clients: Clients, { topic }: BusOptions): Bus {
  return {
    async publish(events) {
      if (events.length === 0) return;
      const messages = events.map(({ id, type, subject, body }) => {
        if (Buffer.byteLength(body) > EVENT_BYTES)
          throw new LimitError(
            `The event ${type} ${id} has more than ${EVENT_BYTES} bytes; put its data into an object`,
          );
        return toPubsubMessage(body, {
          type,
          'ce-specversion': '1.0',
          'ce-type': type,
          'ce-id': id,
          ...(subject ? { 'ce-subject': subject } : {}),
        });
      });
      await publish(clients, topic, messages);
    },
    close: async () => clients.close(),
  };
}
