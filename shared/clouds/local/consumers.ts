import { acceptedTypes } from '../../envelope.ts';
import type { Deployed } from '../../function.ts';
import { handleMessage } from '../../pipeline/message.ts';
import type { Runtime } from '../../runtime.ts';
import type { Queues, ReceivedMessage } from './queues.ts';

/** Messages stay invisible for six times the function's time-out, as SQS advises for event sources. */
const VISIBILITY_FACTOR = 6;
/** A message that is wanted again comes back after this, doubled by each attempt. Milliseconds. */
const RETRY_MS = 200;
const RETRY_MOST_MS = 60_000;

export interface Subscription {
  readonly deployed: Deployed;
  readonly trigger: string;
  /** Queue of the local broker that feeds the trigger. */
  readonly queue: string;
  /** Event types, versions in front of and at the trigger's, that are copied into that queue. */
  readonly types: readonly string[];
}

/** Every queue and event trigger of the functions with the queue of the broker that feeds it. */
export function subscriptionsOf(functions: readonly Deployed[]): Subscription[] {
  return functions.flatMap((deployed) =>
    Object.entries(deployed.declaration.on).flatMap(([trigger, declared]) => {
      if (declared.kind === 'queue') return [{ deployed, trigger, queue: declared.queue, types: [] }];
      if (declared.kind === 'event')
        return [
          { deployed, trigger, queue: `event-${deployed.declaration.name}-${trigger}`, types: acceptedTypes(declared) },
        ];
      return [];
    }),
  );
}

/**
 * Feeds the functions from the broker until stopped, beginning with what an earlier life of the desk had in hand when
 * it was killed: those would stay invisible for minutes.
 */
export async function startConsumers(
  runtime: Runtime,
  queues: Queues,
  functions: readonly Deployed[],
): Promise<{ stop(): Promise<void> }> {
  const subscriptions = subscriptionsOf(functions);
  for (const { queue, types } of subscriptions) for (const type of types) await queues.subscribe(type, queue);
  await queues.releaseHeld();
  const consumers = subscriptions.map((subscription) => startConsumer(runtime, queues, subscription));
  const byQueue = new Map(subscriptions.map(({ queue }, i) => [queue, consumers[i]]));
  const stopListening = queues.onArrival((queue) => byQueue.get(queue)?.wake());
  for (const consumer of consumers) consumer.wake();
  return {
    async stop() {
      stopListening();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
    },
  };
}

function startConsumer(runtime: Runtime, queues: Queues, { deployed, trigger, queue }: Subscription) {
  const { concurrency, timeoutSeconds } = deployed.declaration.limits;
  const visibilityMs = timeoutSeconds * 1000 * VISIBILITY_FACTOR;
  const running = new Set<Promise<void>>();
  let looking: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  /** Looks until the queue is empty or every place is taken; a call during a look makes it look once more. */
  function wake(): void {
    again = true;
    if (looking || stopped) return;
    looking = look().finally(() => {
      looking = undefined;
      if (again && !stopped && running.size < concurrency) wake();
    });
  }

  async function look(): Promise<void> {
    while (again && !stopped && running.size < concurrency) {
      again = false;
      try {
        const messages = await queues.receive(queue, { max: concurrency - running.size, visibilityMs });
        if (messages.length > 0) again = true;
        for (const message of messages) start(message);
      } catch (error) {
        runtime.log.error('Could not receive', { queue, error: error instanceof Error ? error : undefined });
        return;
      }
    }
  }

  function start(message: ReceivedMessage): void {
    const work = handle(message).finally(() => {
      running.delete(work);
      wake();
    });
    running.add(work);
  }

  async function handle(message: ReceivedMessage): Promise<void> {
    try {
      const verdict = await handleMessage(runtime, deployed, trigger, {
        body: message.body,
        nativeId: message.id,
        attempt: message.attempts,
      });
      if (verdict === 'done') await queues.ack([message.receipt]);
      else await queues.retry(message.receipt, Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** (message.attempts - 1)));
    } catch (error) {
      // It becomes visible by itself; what was done is known by its receipt.
      runtime.log.warn('Could not acknowledge', {
        queue,
        id: message.id,
        error: error instanceof Error ? error : undefined,
      });
    }
  }

  return {
    wake,
    async stop() {
      stopped = true;
      await looking;
      await Promise.all(running);
    },
  };
}
