import type { Bus } from '../../ports/bus.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Queue } from '../../ports/queue.ts';
import { arrivals } from './arrivals.ts';
import { asDatabaseError, type DatabaseOptions, openDatabase } from './database.ts';
import { groupCommit } from './group-commit.ts';

const WHAT = 'The message broker';

// AUTOINCREMENT: a number of a deleted message must never come back, or an old receipt would fit a new message.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    visible_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX IF NOT EXISTS messages_visible ON messages (queue, visible_at, number);
  CREATE TABLE IF NOT EXISTS subscriptions (
    type TEXT NOT NULL, queue TEXT NOT NULL, PRIMARY KEY (type, queue)
  ) STRICT, WITHOUT ROWID`;

/** A message in the hands of a consumer, until it is acknowledged or its visibility time-out is over. */
export interface ReceivedMessage {
  readonly id: string;
  readonly body: string;
  /** How often it was received, this time included: 1 at first. */
  readonly attempts: number;
  /** Stands for this one receive; worth nothing once the message was received again, retried or acknowledged. */
  readonly receipt: string;
}

export interface Depth {
  /** To be received now. */
  readonly ready: number;
  /** With a consumer, within the visibility time-out. */
  readonly held: number;
  /** To be received later: retried with a delay. */
  readonly delayed: number;
}

/** The broker's two ports, and the host's side of them. */
export interface Queues {
  readonly queue: Queue;
  readonly bus: Bus;
  /** From now on every event of exactly this type goes to the queue as well; harmless when it does already. */
  subscribe(type: string, queue: string): Promise<void>;
  unsubscribe(type: string, queue: string): Promise<void>;
  /** Takes up to `max` messages, the longest visible first, and hides them from others for `visibilityMs`. */
  receive(queue: string, options: { max: number; visibilityMs: number }): Promise<readonly ReceivedMessage[]>;
  /** Done: removes them. Returns how many receipts were still good. */
  ack(receipts: readonly string[]): Promise<number>;
  /** Not done: visible again in `delayMs`. Returns whether the receipt was still good. */
  retry(receipt: string, delayMs: number): Promise<boolean>;
  /** Still working: hidden for `ms` from now. Returns whether the receipt was still good. */
  extend(receipt: string, ms: number): Promise<boolean>;
  /**
   * Makes everything that consumers hold visible again: for the start of the one process that consumes, whose earlier
   * life may have ended with messages in its hands. Returns how many there were.
   */
  releaseHeld(): Promise<number>;
  depth(queue: string): Promise<Depth>;
  /** Queues that have messages or subscriptions, in order of name. */
  queues(): Promise<readonly string[]>;
  /**
   * Tells when a queue has something to receive: at once for this process's messages, and by a slow poll for those of
   * other processes, ended delays and ended visibility. Returns what ends the listening.
   */
  onArrival(listener: (queue: string) => void): () => void;
  close(): Promise<void>;
}

export interface QueuesOptions extends DatabaseOptions {
  /** Milliseconds between two looks for what did not announce itself; 1,000 unless told otherwise. */
  readonly pollMs?: number;
}

/**
 * A durable broker on one SQLite file, for one machine; several processes may open it. At least once, about in order.
 * What was sent is on the disk when `send` and `publish` resolve, because the outbox forgets it then; a receive or an
 * acknowledgement that a power cut undoes is only one more delivery, so these don't wait for the disk.
 */
export function openQueues(path: string, clock: Clock, options: QueuesOptions = {}): Queues {
  const database = openDatabase(path, WHAT, SCHEMA, options);
  const group = groupCommit(database, WHAT);
  const { prepare } = database;
  const insert = prepare('INSERT INTO messages (queue, id, body, visible_at) VALUES (?, ?, ?, ?)');
  const subscribers = prepare('SELECT queue FROM subscriptions WHERE type = ? ORDER BY queue');
  const take = prepare(`UPDATE messages SET visible_at = ?, attempts = attempts + 1, held = 1 WHERE number IN
    (SELECT number FROM messages WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, number LIMIT ?)
    RETURNING number, id, body, attempts`);
  const remove = prepare('DELETE FROM messages WHERE number = ? AND attempts = ? AND held = 1');
  const release = prepare(
    'UPDATE messages SET visible_at = ?, held = 0 WHERE number = ? AND attempts = ? AND held = 1',
  );
  const hide = prepare('UPDATE messages SET visible_at = ? WHERE number = ? AND attempts = ? AND held = 1');
  const releaseAll = prepare('UPDATE messages SET visible_at = ?, held = 0 WHERE held = 1');
  const count = prepare(`SELECT count(*) FILTER (WHERE visible_at <= ?1) AS ready,
    count(*) FILTER (WHERE visible_at > ?1 AND held = 1) AS held,
    count(*) FILTER (WHERE visible_at > ?1 AND held = 0) AS delayed FROM messages WHERE queue = ?2`);
  const names = prepare('SELECT queue FROM messages UNION SELECT queue FROM subscriptions ORDER BY queue');
  const ready = prepare('SELECT DISTINCT queue FROM messages WHERE visible_at <= ?');
  const queueNames = (rows: readonly Record<string, unknown>[]): string[] => rows.map((row) => String(row['queue']));
  const arrival = arrivals(() => queueNames(ready.all(clock.now())), options.pollMs ?? 1_000);
  const fast = { durable: false };

  async function reading<T>(read: () => T): Promise<T> {
    try {
      return read();
    } catch (error) {
      throw asDatabaseError(error, WHAT, 'none');
    }
  }

  return {
    queue: {
      send: async (queue, messages) => {
        if (messages.length === 0) return;
        await group.run(() => {
          for (const { id, body } of messages) insert.run(queue, id, body, clock.now());
        });
        arrival.announce(queue);
      },
    },
    bus: {
      publish: async (events) => {
        if (events.length === 0) return;
        const reached = await group.run(() => {
          const queues = new Set<string>();
          for (const { id, type, body } of events)
            for (const queue of queueNames(subscribers.all(type))) {
              insert.run(queue, id, body, clock.now());
              queues.add(queue);
            }
          return queues;
        });
        for (const queue of reached) arrival.announce(queue);
      },
    },
    subscribe: (type, queue) =>
      group.run(() => void prepare('INSERT OR IGNORE INTO subscriptions VALUES (?, ?)').run(type, queue)),
    unsubscribe: (type, queue) =>
      group.run(() => void prepare('DELETE FROM subscriptions WHERE type = ? AND queue = ?').run(type, queue)),
    receive: (queue, { max, visibilityMs }) =>
      group.run(() => {
        const now = clock.now();
        const rows = take.all(Math.ceil(now + visibilityMs), queue, now, max);
        // An UPDATE returns its rows in any order.
        return rows.sort((a, b) => Number(a['number']) - Number(b['number'])).map(toReceived);
      }, fast),
    ack: (receipts) =>
      group.run(
        () => receipts.reduce((sum, receipt) => sum + Number(remove.run(...fromReceipt(receipt)).changes), 0),
        fast,
      ),
    retry: async (receipt, delayMs) => {
      const good = await group.run(
        () => Number(release.run(Math.ceil(clock.now() + delayMs), ...fromReceipt(receipt)).changes) > 0,
        fast,
      );
      if (good) arrival.lookIn(delayMs);
      return good;
    },
    extend: (receipt, ms) =>
      group.run(() => Number(hide.run(Math.ceil(clock.now() + ms), ...fromReceipt(receipt)).changes) > 0, fast),
    releaseHeld: () => group.run(() => Number(releaseAll.run(clock.now()).changes), fast),
    depth: (queue) =>
      reading(() => {
        const row = count.get(clock.now(), queue);
        return { ready: Number(row?.['ready']), held: Number(row?.['held']), delayed: Number(row?.['delayed']) };
      }),
    queues: () => reading(() => queueNames(names.all())),
    onArrival: arrival.listen,
    close: async () => {
      arrival.close();
      group.flush();
      database.close();
    },
  };
}

const toReceived = (row: Record<string, unknown>): ReceivedMessage => ({
  id: String(row['id']),
  body: String(row['body']),
  attempts: Number(row['attempts']),
  receipt: `${row['number']}.${row['attempts']}`,
});

/** Number and attempt of a message; a receipt of any other form fits none. */
function fromReceipt(receipt: string): [number: number, attempts: number] {
  const [, number, attempts] = /^(\d{1,15})\.(\d{1,9})$/.exec(receipt) ?? [];
  return number === undefined || attempts === undefined ? [-1, -1] : [Number(number), Number(attempts)];
}
