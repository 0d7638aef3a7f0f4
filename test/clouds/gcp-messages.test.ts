import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { fromClaimCheck } from '../../shared/claim-check.ts';
import { createBus, EVENT_BYTES } from '../../shared/clouds/gcp/bus.ts';
import { type Clients, createClients } from '../../shared/clouds/gcp/clients.ts';
import { fixedIdentity } from '../../shared/clouds/gcp/identity.ts';
import { createObjects } from '../../shared/clouds/gcp/objects.ts';
import { createQueue } from '../../shared/clouds/gcp/queue.ts';
import { LimitError } from '../../shared/errors.ts';
import { systemClock } from '../../shared/ports/clock.ts';
import type { Queue } from '../../shared/ports/queue.ts';
import { busContract, busFaultContract, CONTRACT_SUBSCRIBERS } from '../contracts/bus.ts';
import { CONTRACT_QUEUES, queueContract, queueFaultContract } from '../contracts/queue.ts';
import { manualClock, rejection, suite, unique } from '../contracts/support.ts';
import type { Emulator } from '../emulators/firestore.ts';
import { pubsubMissing, startPubsub } from '../emulators/pubsub.ts';
import { type StoragePeer, startCloudStorage } from '../peers/cloud-storage.ts';
import type { FaultyProxy } from '../peers/faulty-proxy.ts';
import { googleFaults, startGoogleProxy, toRefusal } from '../peers/google-faults.ts';

const BUCKET = 'contract-messages';
const missing = await pubsubMissing();
let emulator: Emulator;
let storage: StoragePeer;
beforeAll(async () => {
  if (missing) return;
  emulator = await startPubsub();
  storage = await startCloudStorage(BUCKET, systemClock);
});
afterAll(async () => {
  await emulator?.stop();
  await storage?.close();
});

/** Short enough for what never comes, long enough for a busy emulator. */
const impatient = { attemptMs: 1_000, timeoutMs: 4_000 };
const patient = { attemptMs: 20_000, timeoutMs: 40_000 };

/** A project of its own is an empty Pub/Sub. */
function connect(pubsub: string, limits: typeof patient): Clients {
  return createClients({
    project: unique('contract'),
    endpoints: { pubsub, storage: storage.url },
    identity: fixedIdentity('owner'),
    clock: manualClock(),
    ...limits,
  });
}

async function ask<T>(method: string, path: string, body: object): Promise<T> {
  const response = await fetch(`http://${emulator.host}/v1/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  // The cast is the caller's knowledge of the emulator's answer.
  return (await response.json()) as T;
}

async function subscribe(project: string, topic: string, subscription: string): Promise<void> {
  const body = { topic: `projects/${project}/topics/${topic}`, ackDeadlineSeconds: 60 };
  await ask('PUT', `projects/${project}/subscriptions/${subscription}`, body);
}

interface Pulled {
  readonly ackId: string;
  readonly message: { readonly data: string; readonly attributes: Readonly<Record<string, string>> };
}

async function pull(project: string, subscription: string, maxMessages: number): Promise<Pulled['message'][]> {
  const path = `projects/${project}/subscriptions/${subscription}`;
  const body = { maxMessages, returnImmediately: true };
  const { receivedMessages = [] } = await ask<{ receivedMessages?: Pulled[] }>('POST', `${path}:pull`, body);
  const ackIds = receivedMessages.map(({ ackId }) => ackId);
  if (ackIds.length > 0) await ask('POST', `${path}:acknowledge`, { ackIds });
  return receivedMessages.map(({ message }) => message);
}

const toBody = ({ data }: Pulled['message']) => Buffer.from(data, 'base64').toString();

async function openQueue(url = `http://${emulator.host}`, limits = patient) {
  const clients = connect(url, limits);
  const objects = createObjects(clients, { bucket: BUCKET });
  for (const queue of CONTRACT_QUEUES) {
    await ask('PUT', `projects/${clients.project}/topics/${queue}`, {});
    await subscribe(clients.project, queue, queue);
  }
  return {
    clients,
    queue: createQueue(clients, { objects }),
    async receive(queue: string, max: number) {
      const bodies = (await pull(clients.project, queue, max)).map(toBody);
      const redeemed = await Promise.all(bodies.map((body) => fromClaimCheck(body, objects)));
      return redeemed.map((body): { id: string; body: string } => ({ id: JSON.parse(body).id, body }));
    },
    close: async () => clients.close(),
  };
}

async function openBus(url = `http://${emulator.host}`, limits = patient) {
  const clients = connect(url, limits);
  await ask('PUT', `projects/${clients.project}/topics/events`, {});
  for (const { name } of CONTRACT_SUBSCRIBERS) await subscribe(clients.project, 'events', name);
  return {
    clients,
    bus: createBus(clients, { topic: 'events' }),
    async receive(subscriber: string, max: number) {
      const wanted = CONTRACT_SUBSCRIBERS.find(({ name }) => name === subscriber)?.type;
      const messages = await pull(clients.project, subscriber, max);
      // The emulator ignores a subscription's filter, which in the cloud is `attributes.type = "<type>"`.
      return messages
        .filter(({ attributes }) => attributes['type'] === wanted)
        .map((message) => ({ body: toBody(message) }));
    },
    close: async () => clients.close(),
  };
}

async function behindProxy<T extends { close(): Promise<void> }>(
  open: (url: string, limits: typeof patient) => Promise<T>,
) {
  const proxy = await startGoogleProxy(`http://${emulator.host}`);
  const opened = await open(proxy.url, impatient);
  const close = async () => {
    await opened.close();
    await proxy.close();
  };
  return { ...opened, faults: googleFaults(proxy), close };
}

queueContract('Pub/Sub', () => openQueue(), { missing });
queueFaultContract('Pub/Sub', () => behindProxy(openQueue), { missing });
busContract('Pub/Sub', () => openBus(), { missing });
busFaultContract('Pub/Sub', () => behindProxy(openBus), { missing });

suite('Pub/Sub on the wire', { missing }, () => {
  const [tickets] = CONTRACT_QUEUES;
  let proxy: FaultyProxy;
  let clients: Clients;
  let queue: Queue;
  beforeAll(async () => {
    proxy = await startGoogleProxy(`http://${emulator.host}`);
    ({ clients, queue } = await openQueue(proxy.url));
  });
  afterAll(() => proxy.close());
  beforeEach(async () => {
    await proxy.heal();
    proxy.forget();
  });
  const messages = (count: number, size = 10) =>
    Array.from({ length: count }, () => ({ id: unique('m'), body: JSON.stringify('x'.repeat(size)) }));
  const sizes = () => proxy.requests.map(({ body }) => JSON.parse(String(body)).messages.length);

  it('sends 1,000 messages in one request, and one more in two', async () => {
    await queue.send(tickets, messages(1_000));
    expect(sizes()).toEqual([1_000]);
    await queue.send(tickets, messages(1_001));
    expect(sizes()).toEqual([1_000, 1_000, 1]);
  });

  it('keeps each request under 10 MB', async () => {
    await queue.send(tickets, messages(60, 200_000));
    expect(proxy.count()).toBe(2);
    for (const { body } of proxy.requests) expect(body.length).toBeLessThan(10_000_000);
  });

  it('sends a refused batch again, and that alone', async () => {
    proxy.inject({ kind: 'answer', times: 2, ...toRefusal(503, 'UNAVAILABLE') });
    await queue.send(tickets, messages(2_500));
    expect(proxy.count()).toBe(5);
    const all = proxy.requests.map(({ body }) => String(body));
    expect(new Set(all).size).toBe(3);
  });

  it('says "unknown" when one batch got through and another did not', async () => {
    const faulty = proxy.inject({
      kind: 'answer',
      on: ({ body }) => JSON.parse(String(body)).messages.length === 500,
      ...toRefusal(429, 'RESOURCE_EXHAUSTED'),
    });
    const error = await rejection(queue.send(tickets, messages(1_500)));
    expect(error).toMatchObject({ name: 'UnavailableError', outcome: 'unknown' });
    expect(faulty()).toBeGreaterThan(2);
  });

  it('says what is missing when there is no such topic, and does not try again', async () => {
    const error = await rejection(queue.send('no-such-topic', messages(1)));
    expect(error).toMatchObject({ code: 'cloud_missing', retryable: false });
    expect(proxy.count()).toBe(1);
  });

  it('gives events the attributes that subscriptions filter by', async () => {
    const bus = createBus(clients, { topic: tickets });
    await bus.publish([{ id: 'e1', type: 'ticket.closed.v1', subject: 'ticket/t1', body: '{}' }]);
    const [sent] = JSON.parse(String(proxy.requests[0]?.body)).messages;
    expect(sent.attributes).toEqual({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      type: 'ticket.closed.v1',
      'ce-specversion': '1.0',
      'ce-type': 'ticket.closed.v1',
      'ce-id': 'e1',
      'ce-subject': 'ticket/t1',
    });
  });

  it('refuses an event that no function could be given, before any request', async () => {
    const bus = createBus(clients, { topic: tickets });
    const body = JSON.stringify('x'.repeat(EVENT_BYTES));
    const event = { id: 'e1', type: 'ticket.closed.v1', subject: 's', body };
    expect(await rejection(bus.publish([event]))).toBeInstanceOf(LimitError);
    expect(await rejection(bus.publish([{ ...event, body: '{}', subject: 's'.repeat(1_025) }]))).toBeInstanceOf(
      LimitError,
    );
    expect(proxy.count()).toBe(0);
  });
});
