import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { AppError, UnavailableError } from '../../shared/errors.ts';
import type { Queue, QueueMessage } from '../../shared/ports/queue.ts';
import { type Faults, rejection, type SuiteOptions, suite, unique } from './support.ts';

/** The queues that the opener must provide before the first test. */
export const CONTRACT_QUEUES = ['contract-tickets', 'contract-tickets-urgent'] as const;

export interface Received {
  readonly id: string;
  readonly body: string;
}

export interface OpenedQueue {
  readonly queue: Queue;
  /**
   * Takes at most `max` messages as the cloud's host would hand them to a handler (claim checks redeemed) and
   * acknowledges them. An empty answer means that none came for a moment, not that none will.
   */
  receive(queue: string, max: number): Promise<readonly Received[]>;
  close(): Promise<void>;
}

/** Faults of a queue. A throttled or partly failed batch is answered as the cloud does it. */
export interface QueueFaults extends Faults {
  /** The next `count` entries of batches are refused as failed, the others taken. Absent where batches are atomic. */
  failEntries?(count: number): void;
  /** Entries offered on the wire since the last `heal()`, failed ones included. Goes with `failEntries`. */
  entries?(): number;
}

export interface QueueSuiteOptions extends SuiteOptions {
  /** Messages of the large test; 1,000 by default. */
  readonly messages?: number;
}

const envelope = (id: string, data: unknown): QueueMessage => ({
  id,
  body: JSON.stringify({ specversion: '1.0', id, source: '/contract', type: 'contract.message.v1', data }),
});

/** Takes until every expected message was seen; returns what was seen of them, duplicates included. */
async function collect(
  opened: OpenedQueue,
  queue: string,
  expected: readonly QueueMessage[],
  emptyTries = 40,
): Promise<Received[]> {
  const missing = new Set(expected.map((message) => message.id));
  const wanted = new Set(missing);
  const seen: Received[] = [];
  for (let empty = 0; missing.size > 0 && empty < emptyTries; ) {
    const received = await opened.receive(queue, 100);
    empty = received.length === 0 ? empty + 1 : 0;
    if (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const message of received) {
      if (wanted.has(message.id)) seen.push(message);
      missing.delete(message.id);
    }
  }
  return seen;
}

const byId = (messages: readonly Received[]): Map<string, string> =>
  new Map(messages.map(({ id, body }) => [id, body]));

/** What every queue promises (`shared/ports/queue.ts`): each message at least once, to the byte, in no order. */
export function queueContract(name: string, open: () => Promise<OpenedQueue>, options: QueueSuiteOptions = {}): void {
  suite(`queue contract: ${name}`, options, () => {
    const [tickets, urgent] = CONTRACT_QUEUES;
    let opened: OpenedQueue;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    const count = options.messages ?? 1_000;
    it(`brings ${count} messages, each at least once`, { timeout: 120_000 }, async () => {
      const messages = Array.from({ length: count }, (_, n) => envelope(unique('many'), { n }));
      await opened.queue.send(tickets, messages);
      expect(byId(await collect(opened, tickets, messages))).toEqual(byId(messages));
    });

    it('keeps bodies to the byte: many scripts, quotes, line breaks, controls', async () => {
      const messages = ['naïve · Ελλάδα · 日本語 · 👩‍👩‍👧', '"\\\'`<>&%', 'a\r\nb\tc\u2028d', '', '\u0001\u001f\u007f']
        .map((text) => envelope(unique('bytes'), { text }))
        .concat(
          [{ id: unique('spaced'), body: '' }].map(({ id }) => ({ id, body: `{ "id" : "${id}",\n  "raw": "é" }` })),
        );
      await opened.queue.send(tickets, messages);
      expect(byId(await collect(opened, tickets, messages))).toEqual(byId(messages));
    });

    it('brings bodies larger than the cloud takes, alone and among small ones', async () => {
      const large = (bytes: number) => envelope(unique('large'), randomBytes(bytes).toString('hex'));
      const messages = [
        large(150_000),
        envelope(unique('small'), 1),
        large(1_000_000),
        large(60_000),
        large(60_000),
        large(60_000),
      ];
      await opened.queue.send(tickets, messages);
      expect(byId(await collect(opened, tickets, messages))).toEqual(byId(messages));
    });

    it('keeps queues apart', async () => {
      const [one, two] = [envelope(unique('one'), 1), envelope(unique('two'), 2)];
      await opened.queue.send(tickets, [one]);
      await opened.queue.send(urgent, [two]);
      const [inTickets, inUrgent] = [
        await collect(opened, tickets, [one, two], 5),
        await collect(opened, urgent, [one, two], 5),
      ];
      expect([byId(inTickets), byId(inUrgent)]).toEqual([byId([one]), byId([two])]);
    });

    it('sends nothing for no messages', async () => {
      await expect(opened.queue.send('contract-queue-that-does-not-exist', [])).resolves.toBeUndefined();
    });

    it('takes sends at the same time', async () => {
      const messages = Array.from({ length: 50 }, (_, n) => envelope(unique('parallel'), { n }));
      await Promise.all(messages.map((message) => opened.queue.send(tickets, [message])));
      expect(byId(await collect(opened, tickets, messages))).toEqual(byId(messages));
    });
  });
}

/** What a queue promises when the network or the cloud does not. Time-outs should be set to a second or less. */
export function queueFaultContract(
  name: string,
  open: () => Promise<OpenedQueue & { readonly faults: QueueFaults }>,
  options: SuiteOptions = {},
): void {
  suite(`queue under faults: ${name}`, options, () => {
    const [tickets] = CONTRACT_QUEUES;
    let opened: OpenedQueue & { readonly faults: QueueFaults };
    beforeAll(async () => {
      opened = await open();
    });
    afterEach(() => opened.faults.heal());
    afterAll(() => opened?.close());

    it('makes no call for no messages', async () => {
      await opened.faults.refuse();
      await expect(opened.queue.send(tickets, [])).resolves.toBeUndefined();
    });

    it('says that nothing was sent when the connection is refused', async () => {
      await opened.faults.refuse();
      const error = await rejection(opened.queue.send(tickets, [envelope(unique('refused'), 1)]));
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ outcome: 'none', retryable: true });
    });

    it.each([
      ['is reset in the middle of the answer', (faults: QueueFaults) => faults.resetMidAnswer()],
      ['brings no answer in time', (faults: QueueFaults) => faults.timeoutAfterEffect()],
    ] as const)('says "unknown" when the connection %s; the messages may have been sent', async (_, fault) => {
      const message = envelope(unique('lost'), 1);
      await fault(opened.faults);
      const error = await rejection(opened.queue.send(tickets, [message]));
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ outcome: 'unknown', retryable: true });
      await opened.faults.heal();
      expect(byId(await collect(opened, tickets, [message]))).toEqual(byId([message]));
    });

    it.each([undefined, 1])('tries a throttled send again until it succeeds (Retry-After: %s)', async (retryAfter) => {
      const messages = Array.from({ length: 5 }, (_, n) => envelope(unique('throttled'), { n }));
      await opened.faults.throttle(3, retryAfter);
      await opened.queue.send(tickets, messages);
      expect(opened.faults.throttled()).toBe(3);
      expect(byId(await collect(opened, tickets, messages))).toEqual(byId(messages));
    });

    it('sends the failed entries of a batch again, and those alone', async (ctx) => {
      const { faults } = opened;
      if (!faults.failEntries || !faults.entries) return ctx.skip('batches are all or nothing here');
      const messages = Array.from({ length: 10 }, (_, n) => envelope(unique('partial'), { n }));
      faults.failEntries(3);
      await opened.queue.send(tickets, messages);
      expect(faults.entries()).toBe(13);
      expect(byId(await collect(opened, tickets, messages))).toEqual(byId(messages));
    });

    it('gives up on entries that never get through', async (ctx) => {
      if (!opened.faults.failEntries) return ctx.skip('batches are all or nothing here');
      opened.faults.failEntries(1_000_000);
      const error = await rejection(opened.queue.send(tickets, [envelope(unique('never'), 1)]));
      expect(error).toBeInstanceOf(UnavailableError);
    });

    it('says that credentials have expired, and does not try again', async (ctx) => {
      if (!opened.faults.expireCredentials) return ctx.skip('this edge knows no credentials');
      await opened.faults.expireCredentials();
      const error = await rejection(opened.queue.send(tickets, [envelope(unique('expired'), 1)]));
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'credentials', retryable: false });
    });
  });
}
