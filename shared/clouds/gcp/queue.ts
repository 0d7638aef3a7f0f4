import { toClaimCheck } from '../../claim-check.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Queue } from '../../ports/queue.ts';
import type { Clients } from './clients.ts';
import { publish, toPubsubMessage } from './publish.ts';

/**
 * Largest body that travels by itself. Pub/Sub takes 10 MB, but Eventarc, which brings messages to functions, 512 kB
 * with base64 and envelope: https://cloud.google.com/eventarc/docs/quotas
 */
export const QUEUE_BODY_BYTES = 256 * 1024;

export interface QueueOptions {
  /** Where larger bodies wait. */
  readonly objects: Pick<Objects, 'put'>;
  /** The topic of a queue; its own name unless given. */
  readonly topicOf?: (queue: string) => string;
}

/** Queues as Pub/Sub topics, each with the one subscription that its function reads. */
export function createQueue(clients: Clients, { objects, topicOf = (queue) => queue }: QueueOptions): Queue {
  return {
    async send(queue, messages) {
      if (messages.length === 0) return;
      const small: { id: string; body: string }[] = [];
      // One after the other: large bodies are rare, and each may take its part of a small memory.
      for (const message of messages) small.push(await toClaimCheck(message, objects, QUEUE_BODY_BYTES));
      await publish(
        clients,
        topicOf(queue),
        small.map(({ id, body }) => toPubsubMessage(body, { 'ce-id': id })),
      );
    },
    close: async () => clients.close(),
  };
}
