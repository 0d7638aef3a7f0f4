import { functions } from '../../functions/index.ts';
import { type Subscription, subscriptionsOf } from '../../shared/clouds/local/consumers.ts';
import type { Queues } from '../../shared/clouds/local/queues.ts';
import type { Delivery } from '../conformance/driver.ts';
import type { Host } from './hosts/host.ts';

/** A batch of SQS, unless its event source says otherwise. */
const BATCH = 10;
/** Longer than any test: nothing comes back by itself. */
const VISIBILITY_MS = 3_600_000;

/** What stands between queues, bus and functions in a cloud: takes messages, hands them over natively, settles them. */
export interface EventSource {
  /** One batch of a queue, if it holds anything. */
  once(queue: string): Promise<readonly Delivery[]>;
  /** Until no queue holds anything but those left alone. Throws when that takes more than 1,000 batches. */
  drain(options?: { leave?: readonly string[] }): Promise<void>;
}

/** Subscribes the functions' events in the broker, and plays the event source from then on. */
export async function openEventSource(host: Host, queues: Queues): Promise<EventSource> {
  const subscriptions = subscriptionsOf(functions.map((declaration) => ({ declaration, handlers: {} })));
  for (const { queue, types } of subscriptions) for (const type of types) await queues.subscribe(type, queue);

  async function once({ deployed, trigger, queue }: Subscription): Promise<readonly Delivery[]> {
    const messages = await queues.receive(queue, { max: BATCH, visibilityMs: VISIBILITY_MS });
    if (messages.length === 0) return [];
    const target = { function: deployed.declaration.name, trigger };
    const isEvent = deployed.declaration.on[trigger]?.kind === 'event';
    const verdicts = isEvent
      ? await Promise.all(messages.map(({ body }) => host.publish(target, JSON.parse(body)))) // envelopes that we sent
      : await host.deliver(target, messages);
    for (const [i, { receipt }] of messages.entries()) {
      if (verdicts[i] === 'acknowledged') await queues.ack([receipt]);
      else await queues.retry(receipt, 0);
    }
    return verdicts;
  }

  return {
    once(queue) {
      const subscription = subscriptions.find((one) => one.queue === queue);
      if (!subscription) throw new Error(`No function consumes ${queue}`);
      return once(subscription);
    },
    async drain({ leave = [] } = {}) {
      const fed = subscriptions.filter(({ queue }) => !leave.includes(queue));
      for (let batches = 0, idle = false; !idle; ) {
        idle = true;
        for (const subscription of fed) {
          if ((await once(subscription)).length === 0) continue;
          idle = false;
          if (++batches > 1_000) throw new Error(`${subscription.queue} never becomes empty`);
        }
      }
    },
  };
}
