import { LimitError, UnavailableError } from '../../errors.ts';
import type { Clients } from './clients.ts';
import { refusing } from './rest.ts';

/** A Pub/Sub message as REST takes it: https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage */
export interface PubsubMessage {
  /** base64 */
  readonly data: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Pub/Sub takes 1,000 messages and 10 MB in one request; the megabyte between is for names and brackets. */
const BATCH = { messages: 1_000, bytes: 9_000_000 } as const;

/** Attribute values have at most 1,024 bytes: https://cloud.google.com/pubsub/quotas#resource_limits */
const ATTRIBUTE_BYTES = 1_024;

/** A batch costs time on the wire, not in the CPU: a few may travel at once. */
const AT_ONCE = 4;

/**
 * A CloudEvent in the structured mode of the Pub/Sub binding, the body to the byte
 * (https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/google-cloud-pubsub-protocol-binding.md). The
 * attributes repeat what subscriptions filter by, since their filters see attributes alone.
 */
export function toPubsubMessage(body: string, attributes: Readonly<Record<string, string>>): PubsubMessage {
  for (const [name, value] of Object.entries(attributes))
    if (Buffer.byteLength(value) > ATTRIBUTE_BYTES)
      throw new LimitError(`A message's ${name} has more than ${ATTRIBUTE_BYTES} bytes: ${value.slice(0, 40)}`);
  return {
    data: Buffer.from(body).toString('base64'),
    attributes: { 'content-type': 'application/cloudevents+json; charset=UTF-8', ...attributes },
  };
}

/**
 * Publishes all, in as few requests as the limits allow. A request is taken or refused as a whole; a refused one is
 * retried alone. Throws `UnavailableError` when one batch could not be published; others may have been.
 */
export async function publish(clients: Clients, topic: string, messages: readonly PubsubMessage[]): Promise<void> {
  const rest = clients.rest('pubsub');
  const path = `/v1/projects/${clients.project}/topics/${encodeURIComponent(topic)}:publish`;
  const deadline = rest.deadline();
  const waiting = toBatches(messages);
  let taken = 0;
  const work = async () => {
    for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
      // Safe to repeat: consumers drop a second message with the same id.
      await rest.json({ method: 'POST', path, body: { messages: batch }, safe: true, deadline });
      taken += 1;
    }
  };
  await refusing(rest.service, async () => {
    const settled = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
    for (const { reason } of settled.filter((each) => each.status === 'rejected')) {
      // What one batch says of itself is not true of the whole when another one got through.
      if (reason instanceof UnavailableError && taken > 0)
        throw new UnavailableError(rest.service, 'unknown', { cause: reason });
      throw reason;
    }
  });
}

function toBatches(messages: readonly PubsubMessage[]): PubsubMessage[][] {
  const batches: PubsubMessage[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const message of messages) {
    const size = Buffer.byteLength(JSON.stringify(message)) + 1;
    const last = batches.at(-1);
    if (last && last.length < BATCH.messages && bytes + size <= BATCH.bytes) {
      last.push(message);
      bytes += size;
    } else {
      batches.push([message]);
      bytes = size;
    }
  }
  return batches;
}
