import { CosmosClient } from '@azure/cosmos';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore } from '../../shared/clouds/azure/store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { mustGet, put, storeContract } from '../contracts/store.ts';
import { storeFaultContract } from '../contracts/store-faults.ts';
import { everyPage, manualClock, unique } from '../contracts/support.ts';
import { azureFaults, IN_MILLISECONDS } from '../peers/azure-faults.ts';
import { type CosmosOptions, type CosmosPeer, startCosmos } from '../peers/cosmos.ts';
import { startFaultyProxy } from '../peers/faulty-proxy.ts';

/** Short enough for tests, long enough for several attempts. */
const impatient = { deadlineMs: 6_000, attemptMs: 300 };
const place = () => ({ database: 'trifold', container: unique('items') });

const openOn =
  (options: CosmosOptions) =>
  async ({ clock }: { clock: Clock }) => {
    const { endpoint, key, close: stop } = await startCosmos(options);
    const store = createStore({ endpoint, key, ...place(), clock });
    return {
      store,
      async close() {
        await store.close?.();
        await stop();
      },
    };
  };

storeContract('Cosmos DB (peer)', openOn({}));
storeContract('Cosmos DB (peer, three key ranges, short pages)', openOn({ keyRanges: 3, maxPage: 30 }), {
  increments: 20,
});

storeFaultContract('Cosmos DB (peer)', async ({ clock }) => {
  const peer = await startCosmos();
  const proxy = await startFaultyProxy(peer.endpoint);
  const store = createStore({ endpoint: proxy.url, key: peer.key, ...place(), clock, ...impatient });
  return {
    store,
    faults: azureFaults(proxy, IN_MILLISECONDS),
    async close() {
      await store.close?.();
      await proxy.close();
      await peer.close();
    },
  };
});

describe('the store on Cosmos DB', () => {
  let peer: CosmosPeer;
  beforeAll(async () => {
    peer = await startCosmos();
  });
  afterAll(() => peer.close());

  const open = (clock = manualClock()) => {
    const store = createStore({ endpoint: peer.endpoint, key: peer.key, ...place(), clock });
    const requestsOf = async (work: () => Promise<unknown>): Promise<number> => {
      const before = peer.requests();
      await work();
      return peer.requests() - before;
    };
    return { store, clock, requestsOf };
  };

  it('makes one request for a commit of three writes, one for a get, one for a page', async () => {
    const { store, requestsOf } = open();
    await store.commit('p', [put('head', 1)], 'c0');
    const { version } = await mustGet(store, 'p', 'head');
    const commit = [put('head', 2, { if: version }), put('receipt', 1, { if: 'absent' }), put('outbox', 1)];
    expect(await requestsOf(() => store.commit('p', commit, 'c1'))).toBe(1);
    expect(await requestsOf(() => store.get('p', 'head'))).toBe(1);
    expect(await requestsOf(() => store.list('p'))).toBe(1);
  });

  it('makes one request for a find, and one more at the first to learn where the partitions are', async () => {
    const { store, requestsOf } = open();
    expect(await requestsOf(() => store.find('due', 'due#07'))).toBe(2);
    expect(await requestsOf(() => store.find('due', 'due#07'))).toBe(1);
  });

  it('makes a second request for a conflict, which names every failed key', async () => {
    const { store, requestsOf } = open();
    await store.commit('p', [put('a', 1), put('b', 1)], 'c0');
    const twice = [put('a', 2, { if: 'absent' }), put('b', 2, { if: 'absent' })];
    const outcome = store.commit('p', twice, 'c1').catch((error: unknown) => error);
    expect(await requestsOf(() => outcome)).toBe(2);
    expect(await outcome).toMatchObject({ keys: ['a', 'b'] });
  });

  it('leaves the version of a checked item as it was, for whoever checks it too', async () => {
    const { store } = open();
    await store.commit('p', [put('head', 1)], 'c0');
    const { version } = await mustGet(store, 'p', 'head');
    for (const key of ['x', 'y'])
      await store.commit('p', [{ kind: 'check', key: 'head', if: version }, put(key, 1)], key);
    await store.commit('p', [put('head', 2, { if: version })], 'c1');
    expect((await mustGet(store, 'p', 'head')).value).toBe(2);
  });

  it('takes 100 deletions and checks in one commit, where each would rather be two operations', async () => {
    const { store } = open();
    const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
    await store.commit(
      'p',
      keys.map((key) => put(key, 1)),
      'c0',
    );
    const { items } = await store.list('p');
    await store.commit(
      'p',
      items.map(({ key, version }) => ({ kind: 'delete', key, if: version })),
      'c1',
    );
    expect(await store.list('p')).toEqual({ items: [] });
    await store.commit(
      'p',
      keys.map((key) => ({ kind: 'check', key, if: 'absent' })),
      'c2',
    );
    expect(await store.list('p')).toEqual({ items: [] });
    await store.commit(
      'p',
      keys.map((key) => put(key, 2, { if: 'absent' })),
      'c3',
    );
    expect((await store.list('p')).items).toHaveLength(100);
  });

  it('replaces an item that expired but is still there, with two requests more than for none', async () => {
    const { store, clock, requestsOf } = open();
    await store.commit('p', [put('a', 1, { expiresAt: clock.now() + 1_000 })], 'c0');
    clock.advance(1_000);
    expect(await requestsOf(() => store.commit('p', [put('a', 2, { if: 'absent' })], 'c1'))).toBe(3);
    expect((await mustGet(store, 'p', 'a')).value).toBe(2);
  });

  it('signs with the time of the service when its own clock is hours off', async () => {
    for (const offset of [-7, 7]) {
      const { store } = open(manualClock(Date.now() + offset * 3_600_000));
      await store.commit('p', [put('a', 1)], 'c');
      expect((await mustGet(store, 'p', 'a')).value).toBe(1);
    }
  });

  it('asks for a new token when the old one is refused', async () => {
    const issued = ['token-1', 'token-2'];
    peer.tokens.add('token-2');
    const identity = { token: async () => issued[0] ?? '', refused: () => void issued.shift() };
    const store = createStore({ endpoint: peer.endpoint, identity, ...place() });
    await store.commit('p', [put('a', 1)], 'c');
    expect(issued).toEqual(['token-2']);
  });

  it('refuses a commit whose keys and index entries make it too large, before it is sent', async () => {
    const { store, requestsOf } = open();
    const long = 'k'.repeat(500);
    const entry = { hash: long, sort: long };
    const writes = Array.from({ length: 100 }, (_, i) =>
      put(`${long}${i}`, 'x'.repeat(19_900), { indexes: { i1: entry, i2: entry, due: entry } }),
    );
    const outcome = store.commit(long, writes, 'c').catch((error: unknown) => error);
    expect(await requestsOf(() => outcome)).toBe(0);
    expect(await outcome).toMatchObject({ code: 'limit_exceeded' });
  });

  it('pages through 10,000 items with one page in memory', async () => {
    const { store } = open();
    for (let i = 0; i < 100; i++)
      await store.commit(
        'p',
        Array.from({ length: 100 }, (_, j) => put(String(i * 100 + j).padStart(5, '0'), j)),
        `c${i}`,
      );
    const sizes: number[] = [];
    const all = await everyPage(
      (cursor) => store.list('p', { limit: 500, ...(cursor ? { cursor } : {}) }),
      (items) => void sizes.push(items.length),
    );
    expect(all).toHaveLength(10_000);
    expect(Math.max(...sizes)).toBe(500);
  });
});

describe('the peer of Cosmos DB', () => {
  let peer: CosmosPeer;
  let client: CosmosClient;
  beforeAll(async () => {
    peer = await startCosmos();
    client = new CosmosClient({ endpoint: peer.endpoint, key: peer.key });
  });
  afterAll(async () => {
    client.dispose();
    await peer.close();
  });

  it('shows the official SDK what the store wrote', async () => {
    const { database, container } = place();
    const store = createStore({ endpoint: peer.endpoint, key: peer.key, database, container });
    await store.commit('ws/ü', [put('a/b', { n: 1 })], 'c1');
    const items = client.database(database).container(container);
    const { resource } = await items.item(Buffer.from('a/b').toString('base64url'), 'ws/ü').read();
    expect(resource).toMatchObject({ pk: 'ws/ü', sk: 'a/b', v: { n: 1 }, c: 'c1' });
    const query = { query: 'SELECT * FROM c WHERE c.pk = @pk', parameters: [{ name: '@pk', value: 'ws/ü' }] };
    const { resources } = await items.items.query(query, { partitionKey: 'ws/ü' }).fetchAll();
    expect(resources).toHaveLength(1);
  });

  it('takes the official SDK’s transactional batch, and fails it as documented', async () => {
    const { database, container } = place();
    const { items } = client.database(database).container(container);
    const document = { id: 'a', pk: 'p', n: 1 };
    const first = await items.batch([{ operationType: 'Create', resourceBody: document }], 'p');
    expect([first.code, first.result?.map(({ statusCode }) => statusCode)]).toEqual([200, [201]]);
    const second = await items.batch(
      [
        { operationType: 'Create', resourceBody: { id: 'b', pk: 'p' } },
        { operationType: 'Create', resourceBody: document },
        { operationType: 'Delete', id: 'a' },
      ],
      'p',
    );
    expect([second.code, second.result?.map(({ statusCode }) => statusCode)]).toEqual([207, [424, 409, 424]]);
    const { resources } = await items.readAll({ partitionKey: 'p' }).fetchAll();
    expect(resources.map(({ id }) => id)).toEqual(['a']);
  });

  it('refuses a signature made with another key', async () => {
    const stranger = createStore({ endpoint: peer.endpoint, key: Buffer.alloc(64, 1).toString('base64'), ...place() });
    await expect(stranger.get('p', 'a')).rejects.toMatchObject({ code: 'credentials' });
  });
});
