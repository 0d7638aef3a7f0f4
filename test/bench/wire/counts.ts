import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createQueue } from '../../../shared/clouds/aws/queue.ts';
import type { Write } from '../../../shared/ports/store.ts';
import { MOTO_CLIENT } from '../../emulators/moto.ts';
import { startFaultyProxy } from '../../peers/faulty-proxy.ts';
import { atMost, type Measure } from '../measure.ts';
import { startSqsPeer } from './sqs.ts';
import { type StoreName, withStore } from './stores.ts';

const put = (key: string, value: string): Write => ({ kind: 'put', key, value, if: 'absent' });

/** Requests of a commit of three writes, as a handler makes it: head, receipt and outbox row. */
export const commitMeasure = (name: StoreName): Measure => ({
  names: [`wire.commit3.${name}`],
  run: () =>
    withStore(name, async ({ store, proxy }) => {
      await store.commit('bench/first', [put('warm', 'x')], 'c0');
      proxy.forget();
      await store.commit('bench/three', [put('head', 'x'), put('receipt', 'x'), put('outbox', 'x')], 'c1');
      const note = proxy.requests.map(({ operation }) => operation.slice(-40)).join(', ');
      return [atMost(1, { name: `wire.commit3.${name}`, value: proxy.count(), unit: 'requests', note })];
    }),
});

/** Requests for 1,000 small messages, which SQS takes ten at a time. Not moto: it stalls now and then, and retries count. */
export const sendMeasure: Measure = {
  names: ['wire.send1000.sqs'],
  async run() {
    const sqs = await startSqsPeer();
    const proxy = await startFaultyProxy(sqs.url);
    const objects = { put: () => Promise.reject(new Error('A small message needs no object')) };
    const queue = createQueue({ ...MOTO_CLIENT, endpoint: proxy.url, objects, urlPrefix: `${proxy.url}/1/` });
    const body = (i: number) =>
      JSON.stringify({ specversion: '1.0', id: `m${i}`, source: '/bench', type: 't.v1', data: 'x'.repeat(200) });
    try {
      await queue.send(
        'bench',
        Array.from({ length: 1_000 }, (_, i) => ({ id: `m${i}`, body: body(i) })),
      );
      return [atMost(100, { name: 'wire.send1000.sqs', value: proxy.count(), unit: 'requests' })];
    } finally {
      await queue.close?.();
      await proxy.close();
      await sqs.close();
    }
  },
};

const ITEMS = 10_000;
const PAGE = 1_000;

/**
 * Pages in memory while a partition of 10,000 items is listed by the thousand: those that the garbage collector finds
 * still held after the next one came, and what was asked of the wire ahead of the caller.
 */
export const pagesMeasure: Measure = {
  names: ['list10000.pages.max'],
  async run() {
    const found = [];
    for (const name of ['dynamodb', 'cosmos', 'firestore'] as const)
      found.push({ name, ...(await withStore(name, pagesOf)) });
    const value = Math.max(...found.map(({ alive, ahead }) => alive + ahead));
    const note = found.map(({ name, kB, requests }) => `${name} ${requests} requests, page ${kB} kB`).join('; ');
    return [atMost(1, { name: 'list10000.pages.max', value, unit: 'pages', note })];
  },
};

async function pagesOf({ store, proxy }: Parameters<Parameters<typeof withStore>[1]>[0]) {
  for (let i = 0; i < ITEMS; i += 100) {
    const writes = Array.from({ length: 100 }, (_, j) => put(String(i + j).padStart(6, '0'), 'x'.repeat(200)));
    await store.commit('bench/pages', writes, `c${i}`);
  }
  const collect = collector();
  proxy.forget();
  const pages: WeakRef<object>[] = [];
  let [alive, ahead, items, bytes] = [0, 0, 0, 0];
  let cursor: string | undefined;
  do {
    // In a function of its own, so that nothing here holds a page that was dealt with.
    cursor = await (async () => {
      const page = await store.list('bench/pages', { limit: PAGE, ...(cursor ? { cursor } : {}) });
      pages.push(new WeakRef(page.items));
      items += page.items.length;
      bytes = Math.max(bytes, JSON.stringify(page.items).length);
      // A moment in which an adapter that reads ahead would do so. A page may take several requests; none is early.
      const asked = proxy.count();
      for (let i = 0; i < 20; i++) await turn();
      ahead = Math.max(ahead, proxy.count() - asked);
      await collect();
      alive = Math.max(alive, pages.filter((one) => one.deref() !== undefined).length);
      return page.cursor;
    })();
  } while (cursor);
  if (items !== ITEMS) throw new Error(`${items} of ${ITEMS} items were listed`);
  return { alive, ahead, kB: Math.round(bytes / 1000), requests: proxy.count() };
}

/** The garbage collector on demand; what a turn of the event loop has looked at is collected after its end alone. */
function collector(): () => Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag has just put there
  return async () => {
    await turn();
    collect();
    await turn();
  };
}
