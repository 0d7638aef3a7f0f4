import { type ServiceBusClient as Client, ServiceBusClient, type ServiceBusReceiver } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromClaimCheck } from '../../shared/claim-check.ts';
import { createQueue } from '../../shared/clouds/azure/queue.ts';
import { queueContract, queueFaultContract } from '../contracts/queue.ts';
import { eventually, manualClock, rejection, unique } from '../contracts/support.ts';
import { azureFaults, IN_SECONDS } from '../peers/azure-faults.ts';
import { startFaultyProxy } from '../peers/faulty-proxy.ts';
import { type ServiceBusPeer, startServiceBus } from '../peers/service-bus.ts';

/** Objects in memory, for bodies that wait. */
function heap() {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    put: async (key: string, body: unknown) => {
      if (!(body instanceof Uint8Array)) throw new Error('Bodies are put as bytes');
      kept.set(key, body);
      return { key, size: body.length, etag: '1', contentType: '', modifiedAt: 0 };
    },
    get: async (key: string) => {
      const bytes = kept.get(key);
      if (!bytes) return undefined;
      const body = new Blob([Buffer.from(bytes)]).stream();
      return { key, size: bytes.length, etag: '1', contentType: '', modifiedAt: 0, body };
    },
  };
}

async function openOn(peer: ServiceBusPeer, endpoint = peer.endpoint, close = async () => {}) {
  const objects = heap();
  const patience = { deadlineMs: 6_000, attemptMs: 300, clock: manualClock() };
  const queue = createQueue({ endpoint, key: peer.key, objects, ...patience });
  const client = new ServiceBusClient(peer.connectionString);
  const receivers = new Map<string, ServiceBusReceiver>();
  return {
    queue,
    objects,
    async receive(name: string, max: number) {
      const receiver = receivers.get(name) ?? client.createReceiver(name, { skipParsingBodyAsJson: true });
      receivers.set(name, receiver);
      // Shorter, and the SDK gives up while the first hundred are still being read.
      const messages = await receiver.receiveMessages(max, { maxWaitTimeInMs: 400 });
      return Promise.all(
        messages.map(async (message) => {
          await receiver.completeMessage(message);
          const body = await fromClaimCheck(Buffer.from(message.body).toString(), objects);
          return { id: String(message.messageId), body };
        }),
      );
    },
    async close() {
      await client.close();
      await queue.close?.();
      await close();
      await peer.close();
    },
  };
}

queueContract('Service Bus (peer)', async () => openOn(await startServiceBus()));
queueFaultContract('Service Bus (peer)', async () => {
  const peer = await startServiceBus();
  const proxy = await startFaultyProxy(peer.endpoint);
  return { ...(await openOn(peer, proxy.url, proxy.close)), faults: azureFaults(proxy, IN_SECONDS) };
});

describe('the queue on Service Bus', () => {
  let opened: Awaited<ReturnType<typeof openOn>>;
  let peer: ServiceBusPeer;
  beforeAll(async () => {
    peer = await startServiceBus();
    opened = await openOn(peer);
  });
  afterAll(() => opened.close());

  const envelope = (data: unknown) => {
    const id = unique('m');
    return { id, body: JSON.stringify({ specversion: '1.0', id, source: '/t', type: 't.v1', data }) };
  };

  it('sends 1,000 small messages in two requests', async () => {
    const before = peer.sends.length;
    await opened.queue.send(
      'many',
      Array.from({ length: 1_000 }, (_, i) => envelope(i)),
    );
    expect(peer.sends.slice(before)).toEqual([500, 500]);
  });

  it('puts a body into objects when it is its escapes that make it too large', async () => {
    await opened.queue.send('escaped', [envelope('"'.repeat(70_000)), envelope('x'.repeat(70_000))]);
    expect([...opened.objects.kept.values()].map((bytes) => bytes.length > 140_000)).toEqual([true]);
    expect(peer.count('escaped')).toBe(2);
  });

  it('takes ids that are longer than those of Service Bus', async () => {
    await opened.queue.send('ids', [{ ...envelope(1), id: 'i'.repeat(300) }]);
    expect(peer.count('ids')).toBe(1);
  });

  it('uses a token of the function app’s identity when it has no key', async () => {
    peer.tokens.add('fresh');
    const issued = ['stale', 'fresh'];
    const identity = { token: async () => issued[0] ?? '', refused: () => void issued.shift() };
    const queue = createQueue({ endpoint: peer.endpoint, objects: heap(), identity });
    await queue.send('tokens', [envelope(1)]);
    expect([peer.count('tokens'), issued]).toEqual([1, ['fresh']]);
  });

  it('says that a batch after the first may leave others sent', async () => {
    const proxy = await startFaultyProxy(peer.endpoint);
    const queue = createQueue({ endpoint: proxy.url, key: peer.key, objects: heap(), clock: manualClock() });
    proxy.inject({ kind: 'answer', status: 429, on: () => proxy.count() > 1 });
    const error = await rejection(
      queue.send(
        'partly',
        Array.from({ length: 501 }, (_, i) => envelope(i)),
      ),
    );
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'unknown' });
    expect(peer.count('partly')).toBe(500);
    await proxy.close();
  });
});

describe('the peer of Service Bus, seen by the official SDK', () => {
  const options = { lockMs: 150, maxDelivery: 3 };
  let peer: ServiceBusPeer;
  let client: Client;
  beforeAll(async () => {
    peer = await startServiceBus(options);
    client = new ServiceBusClient(peer.connectionString);
  });
  afterAll(async () => {
    await client.close();
    await peer.close();
  });

  const one = async (receiver: ServiceBusReceiver) => {
    const [message] = await eventually(
      () => receiver.receiveMessages(1, { maxWaitTimeInMs: 500 }),
      (messages) => messages.length > 0,
      10,
    );
    if (!message) throw new Error('A message should have come');
    return message;
  };

  it('brings single messages and batches, and forgets them when they are completed', async () => {
    const sender = client.createSender('plain');
    await sender.sendMessages({ body: { n: 1 }, messageId: 'm1', applicationProperties: { p: 'x' } });
    const batch = await sender.createMessageBatch();
    for (const n of [2, 3]) batch.tryAddMessage({ body: { n } });
    await sender.sendMessages(batch);
    const receiver = client.createReceiver('plain');
    const seen = [await one(receiver), await one(receiver), await one(receiver)];
    expect(seen.map(({ body }) => body.n)).toEqual([1, 2, 3]);
    expect(seen[0]).toMatchObject({ messageId: 'm1', deliveryCount: 0, applicationProperties: { p: 'x' } });
    for (const message of seen) await receiver.completeMessage(message);
    expect(peer.count('plain')).toBe(0);
  });

  it('delivers again what was abandoned, and buries it after too many deliveries', async () => {
    await client.createSender('again').sendMessages({ body: 'x' });
    const receiver = client.createReceiver('again');
    for (const deliveryCount of [0, 1, 2]) {
      const message = await one(receiver);
      expect(message.deliveryCount).toBe(deliveryCount);
      await receiver.abandonMessage(message);
    }
    expect([peer.count('again'), peer.deadLetters('again')]).toEqual([0, 1]);
    const buried = await one(client.createReceiver('again', { subQueueType: 'deadLetter' }));
    expect(buried.deadLetterReason).toBe('MaxDeliveryCountExceeded');
  });

  it('delivers again when a lock runs out, and takes no word of who held it', async () => {
    await client.createSender('lost').sendMessages({ body: 'x' });
    const receiver = client.createReceiver('lost', { maxAutoLockRenewalDurationInMs: 0 });
    const first = await one(receiver);
    const second = await one(receiver);
    expect(second.deliveryCount).toBe(1);
    await expect(receiver.completeMessage(first)).rejects.toMatchObject({ code: 'MessageLockLost' });
    await receiver.completeMessage(second);
    expect(peer.count('lost')).toBe(0);
  });

  it('prolongs a lock', async () => {
    await client.createSender('long').sendMessages({ body: 'x' });
    const receiver = client.createReceiver('long', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await one(receiver);
    for (let i = 0; i < 5; i++) {
      await receiver.renewMessageLock(message);
      await new Promise((resolve) => setTimeout(resolve, 75));
    }
    await receiver.completeMessage(message);
    expect(peer.count('long')).toBe(0);
  });

  it('buries a message with a reason', async () => {
    await client.createSender('bad').sendMessages({ body: 'x' });
    const receiver = client.createReceiver('bad');
    await receiver.deadLetterMessage(await one(receiver), {
      deadLetterReason: 'why',
      deadLetterErrorDescription: 'how',
    });
    const buried = await one(client.createReceiver('bad', { subQueueType: 'deadLetter' }));
    expect(buried).toMatchObject({ deadLetterReason: 'why', deadLetterErrorDescription: 'how', body: 'x' });
  });

  it('shows a scheduled message to nobody before its time', async () => {
    const sender = client.createSender('later');
    await sender.scheduleMessages({ body: 'in an hour' }, new Date(Date.now() + 3_600_000));
    await sender.scheduleMessages({ body: 'soon' }, new Date(Date.now() + 100));
    const receiver = client.createReceiver('later', { receiveMode: 'receiveAndDelete' });
    expect((await one(receiver)).body).toBe('soon');
    expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 50 })).toHaveLength(0);
    expect(peer.count('later')).toBe(1);
  });

  it('lets one look without taking', async () => {
    await client.createSender('look').sendMessages([{ body: 1 }, { body: 2 }]);
    const receiver = client.createReceiver('look');
    expect((await receiver.peekMessages(5)).map(({ body }) => body)).toEqual([1, 2]);
    expect(peer.count('look')).toBe(2);
  });
});
