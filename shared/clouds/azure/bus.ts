import { LimitError } from '../../errors.ts';
import type { Bus, BusEvent } from '../../ports/bus.ts';
import { sendInTurn, toArrays } from './batches.ts';
import { bearer, type ClientOptions, type Credential, createClient } from './clients.ts';
import { toFault } from './errors.ts';

export interface BusOptions extends ClientOptions {
  /** Of a custom topic with the CloudEvents schema: `https://name.region.eventgrid.azure.net/api/events`. */
  readonly endpoint: string;
  /** A key of the topic; the function app's own identity unless given. */
  readonly key?: string;
}

/** 1 MB a request and an event (https://learn.microsoft.com/azure/event-grid/quotas-limits); less, for what a proxy adds. */
export const EVENT_GRID_LIMITS = { count: 5_000, bytes: 1_000_000 } as const;

const WHAT = 'The bus';

/** Publishes to an Event Grid custom topic. A request is taken whole or not at all. */
export function createBus(options: BusOptions): Bus {
  const url = new URL(options.endpoint);
  url.searchParams.set('api-version', '2018-01-01');
  const credential = options.key ? topicKey(options.key) : bearer('https://eventgrid.azure.net', options);
  const client = createClient(WHAT, credential, options);

  async function publish(body: string): Promise<void> {
    const headers = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' };
    const answer = await client.send({ method: 'POST', url, body, headers });
    if (answer.status !== 200) throw toFault(answer);
  }

  return {
    async publish(events) {
      for (const event of events) checkSize(event);
      const bodies = events.map((event) => event.body);
      await sendInTurn(WHAT, toArrays(bodies, EVENT_GRID_LIMITS), (batch) =>
        client.retrying({ operation: 'publish' }, () => publish(batch)),
      );
    },
    close: client.close,
  };
}

function checkSize({ id, body }: BusEvent): void {
  const bytes = Buffer.byteLength(body) + 3;
  if (bytes > EVENT_GRID_LIMITS.bytes)
    throw new LimitError(`Event ${id} has ${bytes} bytes; ${EVENT_GRID_LIMITS.bytes} are the limit of the bus`);
}

/** Signs with a key of the topic; for development and tests. */
const topicKey = (key: string): Credential => ({
  headers: () => ({ 'aeg-sas-key': key }),
  refusals: [401],
  renew: () => {},
});
