import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { AppError, UnavailableError } from '../../shared/errors.ts';
import type { Bus, BusEvent } from '../../shared/ports/bus.ts';
import type { QueueFaults } from './queue.ts';
import { rejection, type SuiteOptions, suite, unique } from './support.ts';

/** Who listens: the opener must subscribe each of them to its type before the first test. */
export const CONTRACT_SUBSCRIBERS = [
  { name: 'contract-first', type: 'contract.happened.v1' },
  { name: 'contract-second', type: 'contract.happened.v1' },
  { name: 'contract-other', type: 'contract.other.v1' },
] as const;
export type SubscriberName = (typeof CONTRACT_SUBSCRIBERS)[number]['name'];

export interface OpenedBus {
  readonly bus: Bus;
  /**
   * Takes and acknowledges what came for a subscriber, as the envelope's JSON text that the cloud's host would hand on.
   * An empty answer means that none came for a moment, not that none will.
   */
  receive(subscriber: SubscriberName, max: number): Promise<readonly { readonly body: string }[]>;
  close(): Promise<void>;
}

export interface BusSuiteOptions extends SuiteOptions {
  /** Events of the large test; 250 by default. */
  readonly events?: number;
}

interface Envelope {
  readonly id: string;
  readonly data: unknown;
}

const event = (id: string, data: unknown, type: string = 'contract.happened.v1'): BusEvent => {
  const time = new Date().toISOString();
  const subject = `ticket/${id}`;
  const body = {
    specversion: '1.0',
    id,
    source: '/contract',
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    workspace: 'ws',
    data,
  };
  return { id, type, subject, body: JSON.stringify(body) };
};

async function collect(
  opened: OpenedBus,
  subscriber: SubscriberName,
  expected: readonly BusEvent[],
  emptyTries = 40,
): Promise<Map<string, Envelope>> {
  const wanted = new Set(expected.map(({ id }) => id));
  const seen = new Map<string, Envelope>();
  for (let empty = 0; seen.size < wanted.size && empty < emptyTries; ) {
    const received = await opened.receive(subscriber, 100);
    empty = received.length === 0 ? empty + 1 : 0;
    if (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    for (const { body } of received) {
      const envelope: Envelope = JSON.parse(body);
      if (wanted.has(envelope.id)) seen.set(envelope.id, envelope);
    }
  }
  return seen;
}

/** Compared as JSON, since some buses parse the envelope and write it anew. */
const sent = (events: readonly BusEvent[]): Map<string, Envelope> =>
  new Map(events.map(({ id, body }) => [id, JSON.parse(body)]));

/** What every bus promises (`shared/ports/bus.ts`): a copy for each subscriber of the type, at least once. */
export function busContract(name: string, open: () => Promise<OpenedBus>, options: BusSuiteOptions = {}): void {
  suite(`bus contract: ${name}`, options, () => {
    let opened: OpenedBus;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened?.close());

    it('brings each subscriber its own copy', async () => {
      const happened = event(unique('copy'), { n: 1, text: 'naïve 日本 🎫 "\\\n' });
      await opened.bus.publish([happened]);
      expect(await collect(opened, 'contract-first', [happened])).toEqual(sent([happened]));
      expect(await collect(opened, 'contract-second', [happened])).toEqual(sent([happened]));
    });

    it('matches the whole type, version included', async () => {
      const [mine, ...others] = [
        event(unique('mine'), 1, 'contract.other.v1'),
        event(unique('not'), 1, 'contract.other.v10'),
        event(unique('not'), 1, 'contract.other'),
        event(unique('not'), 1, 'contract.other.v1.more'),
        event(unique('not'), 1, 'contract.happened.v1'),
      ];
      if (!mine) throw new Error('unreachable');
      await opened.bus.publish([...others, mine]);
      expect(await collect(opened, 'contract-other', [mine, ...others], 6)).toEqual(sent([mine]));
    });

    const count = options.events ?? 250;
    it(`brings ${count} events published at once, each at least once`, { timeout: 120_000 }, async () => {
      const events = Array.from({ length: count }, (_, n) => event(unique('many'), { n }));
      await opened.bus.publish(events);
      expect(await collect(opened, 'contract-first', events)).toEqual(sent(events));
    });

    it('brings events of 100 kB, more of them than one call takes', async () => {
      const events = Array.from({ length: 6 }, () => event(unique('large'), 'é'.repeat(50_000)));
      await opened.bus.publish(events);
      expect(await collect(opened, 'contract-first', events)).toEqual(sent(events));
    });

    it('publishes nothing without complaint', async () => {
      await expect(opened.bus.publish([])).resolves.toBeUndefined();
    });

    it('does not complain about an event that nobody wants', async () => {
      await expect(opened.bus.publish([event(unique('unheard'), 1, 'contract.unheard.v1')])).resolves.toBeUndefined();
    });
  });
}

/** What a bus promises when the network or the cloud does not. Time-outs should be set to a second or less. */
export function busFaultContract(
  name: string,
  open: () => Promise<OpenedBus & { readonly faults: QueueFaults }>,
  options: SuiteOptions = {},
): void {
  suite(`bus under faults: ${name}`, options, () => {
    let opened: OpenedBus & { readonly faults: QueueFaults };
    beforeAll(async () => {
      opened = await open();
    });
    afterEach(() => opened.faults.heal());
    afterAll(() => opened?.close());

    it('makes no call for no events', async () => {
      await opened.faults.refuse();
      await expect(opened.bus.publish([])).resolves.toBeUndefined();
    });

    it.each([
      ['the connection is refused', (faults: QueueFaults) => faults.refuse(), 'none'],
      ['the answer is cut', (faults: QueueFaults) => faults.resetMidAnswer(), 'unknown'],
      ['no answer comes', (faults: QueueFaults) => faults.timeoutAfterEffect(), 'unknown'],
    ] as const)('is unavailable when %s, and publishing again is safe', async (_, fault, outcome) => {
      const happened = event(unique('fault'), 1);
      await fault(opened.faults);
      const error = await rejection(opened.bus.publish([happened]));
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ outcome, retryable: true });
      await opened.faults.heal();
      await opened.bus.publish([happened]);
      expect(await collect(opened, 'contract-first', [happened])).toEqual(sent([happened]));
    });

    it.each([undefined, 1])('tries again when throttled (Retry-After: %s)', async (retryAfter) => {
      const happened = event(unique('throttled'), 1);
      await opened.faults.throttle(3, retryAfter);
      await opened.bus.publish([happened]);
      expect(opened.faults.throttled()).toBe(3);
      expect(await collect(opened, 'contract-first', [happened])).toEqual(sent([happened]));
    });

    it('publishes the failed entries of a batch again, and those alone', async (ctx) => {
      const { faults } = opened;
      if (!faults.failEntries || !faults.entries) return ctx.skip('batches are all or nothing here');
      const events = Array.from({ length: 10 }, (_, n) => event(unique('partial'), { n }));
      faults.failEntries(3);
      await opened.bus.publish(events);
      expect(faults.entries()).toBe(13);
      expect(await collect(opened, 'contract-first', events)).toEqual(sent(events));
    });

    it('says that credentials have expired, and does not try again', async (ctx) => {
      if (!opened.faults.expireCredentials) return ctx.skip('this edge knows no credentials');
      await opened.faults.expireCredentials();
      const error = await rejection(opened.bus.publish([event(unique('expired'), 1)]));
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'credentials', retryable: false });
    });
  });
}
