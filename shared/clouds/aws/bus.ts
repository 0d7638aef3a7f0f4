import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { LimitError } from '../../errors.ts';
import type { Bus, BusEvent } from '../../ports/bus.ts';
import type { RetryOptions } from '../retries.ts';
import { sendBatches, toBatches } from './batches.ts';
import { type ClientOptions, clientConfig, lazyClient, within } from './clients.ts';
import { createRetrying } from './retry.ts';

export interface BusOptions extends ClientOptions, RetryOptions {
  /** Name or ARN of the event bus. */
  readonly bus: string;
  /** EventBridge's own `source`, which rules match beside the type; the envelope keeps its own. */
  readonly source: string;
  /** Batches under way at the same time; 4 unless told otherwise. */
  readonly parallel?: number;
}

/**
 * 10 entries and less than 1 MB a request, all entries together, since January 2026:
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
 */
export const EVENTBRIDGE_LIMITS = { count: 10, bytes: 1_000_000 } as const;

/** Codes of entries that may be taken next time: `ThrottlingException`, `InternalFailure`, `InternalException`. */
const TRANSIENT = /Throttling|Internal|Unavailable/;

/** Publishes to EventBridge: the type becomes `detail-type`, the whole CloudEvents envelope becomes `detail`. */
export function createBus(options: BusOptions): Bus {
  const { bus: EventBusName, source: Source, parallel = 4 } = options;
  const client = lazyClient(() => new EventBridgeClient(clientConfig(options)));
  const call = { what: 'The bus', operation: 'PutEvents', parallel };
  const retrying = createRetrying(call.what, client.renew, options);

  /** As the service counts: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
  const bytesOf = ({ type, body }: BusEvent): number => Buffer.byteLength(Source + type + body);

  const send = async (batch: readonly BusEvent[], ms: number) => {
    const Entries = batch.map(({ type, body }) => ({ EventBusName, Source, DetailType: type, Detail: body }));
    const { Entries: results = [] } = await client.get().send(new PutEventsCommand({ Entries }), within(ms));
    // Results come in the order of the entries; those with a code failed.
    return results.flatMap(({ ErrorCode: code }, index) =>
      code === undefined ? [] : [{ index, code, final: !TRANSIENT.test(code) }],
    );
  };

  return {
    async publish(events) {
      for (const event of events) {
        const bytes = bytesOf(event);
        if (bytes >= EVENTBRIDGE_LIMITS.bytes)
          throw new LimitError(`An event of type ${event.type} has ${bytes} bytes; EventBridge takes less than 1 MB`);
      }
      await sendBatches({ ...call, retrying, batches: toBatches(events, bytesOf, EVENTBRIDGE_LIMITS), send });
    },
    close: client.close,
  };
}
