import { randomUUID } from 'node:crypto';
import type { Message } from 'rhea';

export interface BrokerOptions {
  /** Milliseconds for which a message is locked to its receiver; 30 s by default, as for a new queue. */
  readonly lockMs?: number;
  /** Deliveries after which a message goes to the dead letters; 10 by default. */
  readonly maxDelivery?: number;
}

/** A message in a queue. */
export interface Entry {
  readonly message: Message;
  readonly sequence: number;
  readonly enqueuedAt: number;
  /** Epoch milliseconds from which on it can be received. */
  readonly visibleAt: number;
  /** How often it was delivered. */
  deliveries: number;
  deferred: boolean;
  lock: Lock | undefined;
}
export interface Lock {
  readonly token: string;
  until: number;
  timer: NodeJS.Timeout;
}

/** Somebody who takes messages of one queue. */
export interface Consumer {
  readonly queue: string;
  /** Messages are gone when they are sent (`receiveAndDelete`), instead of locked until they are settled. */
  readonly settled: boolean;
  isReady(): boolean;
  deliver(entry: Entry): void;
}

export type Broker = ReturnType<typeof createBroker>;

export const deadLettersOf = (queue: string): string => `${queue}/$deadletterqueue`;

/** Queues with the rules of Service Bus, apart from how they are spoken to. Queues exist as soon as they are named. */
export function createBroker({ lockMs = 30_000, maxDelivery = 10 }: BrokerOptions = {}) {
  const queues = new Map<string, Entry[]>();
  const consumers = new Set<Consumer>();
  const timers = new Set<NodeJS.Timeout>();
  let sequence = 0;

  const entriesOf = (queue: string): Entry[] => {
    const entries = queues.get(queue) ?? [];
    queues.set(queue, entries);
    return entries;
  };

  function later(ms: number, work: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
    return timer;
  }

  /** Returns the sequence number. */
  function put(queue: string, message: Message, visibleAt = Date.now()): number {
    const entry: Entry = {
      message: { ...message, message_id: message.message_id ?? randomUUID() },
      sequence: ++sequence,
      enqueuedAt: Math.max(visibleAt, Date.now()),
      visibleAt,
      deliveries: 0,
      deferred: false,
      lock: undefined,
    };
    entriesOf(queue).push(entry);
    const wait = visibleAt - Date.now();
    if (wait > 0) later(wait + 1, () => pump(queue));
    pump(queue);
    return entry.sequence;
  }

  /** Gives what can be received to whoever is ready for it. */
  function pump(queue: string): void {
    for (const consumer of consumers) {
      if (consumer.queue !== queue) continue;
      for (const entry of [...entriesOf(queue)]) {
        if (!consumer.isReady()) break;
        if (entry.lock || entry.deferred || entry.visibleAt > Date.now()) continue;
        entry.deliveries++;
        if (consumer.settled) take(queue, entry);
        else entry.lock = { token: randomUUID(), until: Date.now() + lockMs, timer: expire(queue, entry) };
        consumer.deliver(entry);
      }
    }
  }

  const expire = (queue: string, entry: Entry): NodeJS.Timeout => later(lockMs, () => release(queue, entry));

  function unlock(entry: Entry): void {
    clearTimeout(entry.lock?.timer);
    entry.lock = undefined;
  }

  function take(queue: string, entry: Entry): void {
    unlock(entry);
    const entries = entriesOf(queue);
    entries.splice(entries.indexOf(entry), 1);
  }

  /** Abandoned, or its lock ran out: again for the next one, until it was delivered too often. */
  function release(queue: string, entry: Entry): void {
    unlock(entry);
    if (entry.deliveries >= maxDelivery)
      deadLetter(
        queue,
        entry,
        'MaxDeliveryCountExceeded',
        `Message could not be consumed after ${entry.deliveries} delivery attempts.`,
      );
    pump(queue);
  }

  function deadLetter(queue: string, entry: Entry, reason?: string, description?: string): void {
    take(queue, entry);
    put(deadLettersOf(queue.replace(/\/\$deadletterqueue$/, '')), {
      ...entry.message,
      application_properties: {
        ...entry.message.application_properties,
        DeadLetterReason: reason,
        DeadLetterErrorDescription: description,
      },
    });
  }

  function defer(entry: Entry): void {
    unlock(entry);
    entry.deferred = true;
  }

  const lockedBy = (queue: string, token: string): Entry | undefined =>
    entriesOf(queue).find(({ lock }) => lock?.token === token);

  /** The new end of a lock, or nothing when it was lost. */
  function renew(queue: string, token: string): number | undefined {
    const entry = lockedBy(queue, token);
    if (!entry?.lock) return undefined;
    clearTimeout(entry.lock.timer);
    entry.lock = { token, until: Date.now() + lockMs, timer: expire(queue, entry) };
    return entry.lock.until;
  }

  return {
    put,
    pump,
    take,
    release,
    deadLetter,
    defer,
    renew,
    lockedBy,
    peek: (queue: string, fromSequence: number, count: number) =>
      entriesOf(queue)
        .filter((entry) => entry.sequence >= fromSequence)
        .slice(0, count),
    count: (queue: string) => entriesOf(queue).length,
    subscribe: (consumer: Consumer) => void consumers.add(consumer),
    unsubscribe: (consumer: Consumer) => void consumers.delete(consumer),
    close: () => {
      for (const timer of timers) clearTimeout(timer);
      consumers.clear();
    },
  };
}
