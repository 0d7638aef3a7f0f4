import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { describe, expect, it } from 'vitest';
import { createBus } from '../../shared/clouds/azure/bus.ts';
import { busContract, busFaultContract, CONTRACT_SUBSCRIBERS } from '../contracts/bus.ts';
import { manualClock, rejection } from '../contracts/support.ts';
import { azureFaults, IN_SECONDS } from '../peers/azure-faults.ts';
import { type EventGridPeer, startEventGrid } from '../peers/event-grid.ts';
import { startFaultyProxy } from '../peers/faulty-proxy.ts';

async function openOn(peer: EventGridPeer, endpoint = peer.endpoint, close = async () => {}) {
  for (const { name, type } of CONTRACT_SUBSCRIBERS) peer.subscribe(name, type);
  const bus = createBus({ endpoint, key: peer.key, clock: manualClock(), deadlineMs: 6_000, attemptMs: 300 });
  return {
    bus,
    receive: async (subscriber: string, max: number) =>
      peer.take(subscriber, max).map((event) => ({ body: JSON.stringify(event) })),
    async close() {
      await bus.close?.();
      await close();
      await peer.close();
    },
  };
}

busContract('Event Grid (peer)', async () => openOn(await startEventGrid()));
busFaultContract('Event Grid (peer)', async () => {
  const peer = await startEventGrid();
  const { origin, pathname } = new URL(peer.endpoint);
  const proxy = await startFaultyProxy(origin);
  return { ...(await openOn(peer, proxy.url + pathname, proxy.close)), faults: azureFaults(proxy, IN_SECONDS) };
});

const event = (id: string, data: unknown) => {
  const body = JSON.stringify({ specversion: '1.0', id, source: '/t', type: 't.v1', subject: 's', data });
  return { id, type: 't.v1', subject: 's', body };
};

describe('the bus on Event Grid', () => {
  it('publishes 1,000 events in one request', async () => {
    const peer = await startEventGrid();
    const { bus, close } = await openOn(peer);
    await bus.publish(Array.from({ length: 1_000 }, (_, i) => event(`e${i}`, i)));
    expect(peer.requests).toEqual([1_000]);
    await close();
  });

  it('refuses an event over 1 MB before anything is sent', async () => {
    const peer = await startEventGrid();
    const { bus, close } = await openOn(peer);
    const error = await rejection(bus.publish([event('small', 1), event('large', 'x'.repeat(1_000_000))]));
    expect(error).toMatchObject({ code: 'limit_exceeded' });
    expect(peer.requests).toEqual([]);
    await close();
  });

  it('uses a token of the function app’s identity when it has no key', async () => {
    const peer = await startEventGrid();
    peer.tokens.add('mine');
    const asked: string[] = [];
    const token = async (resource: string) => {
      asked.push(resource);
      return 'mine';
    };
    const identity = { token, refused: () => {} };
    const bus = createBus({ endpoint: peer.endpoint, identity });
    await bus.publish([event('e', 1)]);
    expect([peer.requests, asked]).toEqual([[1], ['https://eventgrid.azure.net']]);
    await bus.close?.();
    await peer.close();
  });

  it('is published to by the official SDK alike', async () => {
    const peer = await startEventGrid();
    peer.subscribe('t', 't.v1');
    const client = new EventGridPublisherClient(peer.endpoint, 'CloudEvent', new AzureKeyCredential(peer.key), {
      allowInsecureConnection: true,
    });
    await client.send([{ id: 'e', source: '/t', type: 't.v1', subject: 's', data: { n: 1 } }]);
    const { bus, close } = await openOn(peer);
    await bus.publish([event('e', { n: 1 })]);
    const [theirs, ours] = peer.take('t', 2);
    expect(theirs).toMatchObject(ours ?? {});
    await close();
  });
});
