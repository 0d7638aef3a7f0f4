import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openQueues, type Queues, type QueuesOptions } from '../../shared/clouds/local/queues.ts';
import { UnavailableError } from '../../shared/errors.ts';
import { type ManualClock, manualClock, rejection } from './support.ts';

const message = (id: string) => ({ id, body: `{"id":"${id}"}` });
const TAKE = { max: 10, visibilityMs: 30_000 };

describe('the local broker', () => {
  let folder: string;
  let clock: ManualClock;
  let queues: Queues;
  const opened: Queues[] = [];
  const open = (options: QueuesOptions = {}): Queues => {
    const each = openQueues(join(folder, 'queues.db'), clock, options);
    opened.push(each);
    return each;
  };
  const take = async (name = 'q') => queues.receive(name, TAKE);
  const takeOne = async () => {
    const [received] = await take();
    if (!received) throw new Error('There should be a message');
    return received;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trifold-queues-'));
    clock = manualClock();
    queues = open();
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    rmSync(folder, { recursive: true });
  });

  it('hands messages out in the order they came, at most as many as asked', async () => {
    await queues.queue.send('q', ['a', 'b', 'c'].map(message));
    await queues.queue.send('q', [message('d')]);
    expect((await queues.receive('q', { max: 3, visibilityMs: 1 })).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect((await take()).map(({ id }) => id)).toEqual(['d']);
  });

  it('hides a message from others until its visibility time-out, and counts attempts from 1', async () => {
    await queues.queue.send('q', [message('a')]);
    expect(await takeOne()).toMatchObject({ id: 'a', body: '{"id":"a"}', attempts: 1 });
    clock.advance(29_999);
    expect(await take()).toEqual([]);
    clock.advance(1);
    expect(await takeOne()).toMatchObject({ id: 'a', attempts: 2 });
  });

  it('forgets a message that was acknowledged', async () => {
    await queues.queue.send('q', ['a', 'b'].map(message));
    const [a] = await take();
    expect(await queues.ack([a?.receipt ?? ''])).toBe(1);
    clock.advance(60_000);
    expect((await take()).map(({ id }) => id)).toEqual(['b']);
  });

  it('takes no notice of a receipt once the message was received again', async () => {
    await queues.queue.send('q', [message('a')]);
    const late = await takeOne();
    clock.advance(30_000);
    const current = await takeOne();
    expect(await queues.ack([late.receipt])).toBe(0);
    expect(await queues.retry(late.receipt, 0)).toBe(false);
    expect(await queues.extend(late.receipt, 90_000)).toBe(false);
    expect(await queues.depth('q')).toEqual({ ready: 0, held: 1, delayed: 0 });
    expect(await queues.ack([current.receipt])).toBe(1);
    expect(await queues.depth('q')).toEqual({ ready: 0, held: 0, delayed: 0 });
  });

  it('takes no notice of receipts of messages long gone, of retried ones, or of no form at all', async () => {
    await queues.queue.send('q', [message('a')]);
    const { receipt } = await takeOne();
    await queues.ack([receipt]);
    await queues.queue.send('q', [message('b')]);
    const b = await takeOne();
    expect(await queues.ack([receipt, 'nonsense', '', '1', '-1.1', '1.1 OR 1=1'])).toBe(0);
    expect(await queues.retry(b.receipt, 60_000)).toBe(true);
    expect(await queues.ack([b.receipt])).toBe(0);
    expect(await queues.depth('q')).toEqual({ ready: 0, held: 0, delayed: 1 });
  });

  it('brings a retried message again after its delay, and at once for none', async () => {
    await queues.queue.send('q', [message('a')]);
    await queues.retry((await takeOne()).receipt, 5_000);
    clock.advance(4_999);
    expect(await take()).toEqual([]);
    clock.advance(1);
    const again = await takeOne();
    expect(again.attempts).toBe(2);
    await queues.retry(again.receipt, 0);
    expect((await takeOne()).attempts).toBe(3);
  });

  it('hides a message longer for a consumer that is still working', async () => {
    await queues.queue.send('q', [message('a')]);
    const { receipt } = await takeOne();
    clock.advance(20_000);
    expect(await queues.extend(receipt, 30_000)).toBe(true);
    clock.advance(29_999);
    expect(await take()).toEqual([]);
    expect(await queues.ack([receipt])).toBe(1);
  });

  it('gives no message to two consumers at once', async () => {
    await queues.queue.send(
      'q',
      Array.from({ length: 100 }, (_, n) => message(`m${n}`)),
    );
    const other = open();
    const batches = await Promise.all(
      [queues, other, queues, other].map((each) => each.receive('q', { max: 40, visibilityMs: 1_000 })),
    );
    const ids = batches.flat().map(({ id }) => id);
    expect([ids.length, new Set(ids).size]).toEqual([100, 100]);
  });

  it('keeps messages, attempts and subscriptions over a restart', async () => {
    await queues.subscribe('happened.v1', 'events');
    await queues.queue.send('q', [message('a')]);
    await takeOne();
    await queues.close();
    opened.length = 0;
    queues = open();
    await queues.subscribe('happened.v1', 'events');
    await queues.bus.publish([{ ...message('e'), type: 'happened.v1', subject: 's' }]);
    clock.advance(30_000);
    expect(await takeOne()).toMatchObject({ id: 'a', attempts: 2 });
    expect((await take('events')).map(({ id }) => id)).toEqual(['e']);
    expect(await queues.queues()).toEqual(['events', 'q']);
  });

  it('stops bringing events to a queue that no longer listens', async () => {
    await queues.subscribe('happened.v1', 'events');
    await queues.unsubscribe('happened.v1', 'events');
    await queues.bus.publish([{ ...message('e'), type: 'happened.v1', subject: 's' }]);
    expect(await take('events')).toEqual([]);
  });

  it('tells once about messages and events that arrive in one turn, until nobody listens', async () => {
    await queues.subscribe('happened.v1', 'events');
    const told: string[] = [];
    const stop = queues.onArrival((queue) => told.push(queue));
    await Promise.all([
      queues.queue.send('q', [message('a')]),
      queues.queue.send('q', [message('b')]),
      queues.bus.publish([{ ...message('e'), type: 'happened.v1', subject: 's' }]),
    ]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['q', 'events']);
    stop();
    await queues.queue.send('q', [message('c')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['q', 'events']);
  });

  it.each(['another process sent', 'became visible again', 'was retried with a delay'])(
    'tells about a message that %s',
    async (how) => {
      const listening = open({ pollMs: 10 });
      if (how !== 'another process sent') {
        await queues.queue.send('q', [message('a')]);
        const { receipt } = await takeOne();
        if (how === 'was retried with a delay') await queues.retry(receipt, 40_000);
      }
      const arrived = new Promise<string>((resolve) => listening.onArrival(resolve));
      if (how === 'another process sent') await queues.queue.send('q', [message('a')]);
      else clock.advance(40_000);
      expect(await arrived).toBe('q');
    },
  );

  it('says that the disk is full, and keeps all or nothing of a batch', async () => {
    const full = openQueues(join(folder, 'small.db'), clock, { maxBytes: 400_000 });
    opened.push(full);
    const batch = Array.from({ length: 10 }, (_, n) => ({ id: `m${n}`, body: 'x'.repeat(10_000) }));
    let error: unknown;
    let sent = 0;
    for (; !error && sent < 50; sent++) error = await full.queue.send('q', batch).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ outcome: 'none', message: expect.stringContaining('disk is full') });
    expect(await full.depth('q')).toEqual({ ready: (sent - 1) * 10, held: 0, delayed: 0 });
  });

  it('rejects what it is asked after it was closed', async () => {
    await queues.close();
    opened.length = 0;
    expect(await rejection(queues.queue.send('q', [message('a')]))).toBeInstanceOf(Error);
  });
});
