import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createClients } from '../../shared/clouds/gcp/clients.ts';
import { indexDefinition } from '../../shared/clouds/gcp/documents.ts';
import { fixedIdentity } from '../../shared/clouds/gcp/identity.ts';
import { createStore } from '../../shared/clouds/gcp/store.ts';
import { ConflictError, UnavailableError } from '../../shared/errors.ts';
import { type Clock, systemClock } from '../../shared/ports/clock.ts';
import type { Store } from '../../shared/ports/store.ts';
import { mustGet, put, storeContract } from '../contracts/store.ts';
import { storeFaultContract } from '../contracts/store-faults.ts';
import { everyPage, manualClock, rejection, suite, unique } from '../contracts/support.ts';
import { type Emulator, firestoreMissing, startFirestore } from '../emulators/firestore.ts';
import type { FaultyProxy } from '../peers/faulty-proxy.ts';
import { googleFaults, startGoogleProxy, toRefusal } from '../peers/google-faults.ts';

const missing = await firestoreMissing();
let emulator: Emulator;
beforeAll(async () => {
  if (missing) return;
  emulator = await startFirestore();
  // Its first commit takes a second, which is no fault.
  await connect(`http://${emulator.host}`, systemClock, patient).store.commit('warm', [put('up', 1)], 'warm');
});
afterAll(() => emulator?.stop());

/** Long enough for the emulator, which takes seconds over a contended document. */
const patient = { attemptMs: 30_000, timeoutMs: 60_000 };
/** Short enough for what never comes, long enough for a busy machine. */
const impatient = { attemptMs: 1_000, timeoutMs: 4_000 };

function connect(url: string, clock: Clock, limits: typeof patient, onRetry: (reason: string) => void = () => {}) {
  const clients = createClients({
    project: 'contract',
    endpoints: { firestore: url },
    identity: fixedIdentity('owner'),
    clock,
    ...limits,
    onRetry: ({ reason }) => onRetry(reason),
  });
  return { store: createStore(clients), close: async () => clients.close() };
}

storeContract('Firestore', async ({ clock }) => connect(`http://${emulator.host}`, clock, patient), { missing });

storeFaultContract(
  'Firestore',
  async ({ clock }) => {
    const proxy = await startGoogleProxy(`http://${emulator.host}`);
    const { store } = connect(proxy.url, clock, impatient);
    return { store, faults: googleFaults(proxy), close: () => proxy.close() };
  },
  { missing },
);

suite('Firestore on the wire', { missing }, () => {
  let proxy: FaultyProxy;
  let store: Store;
  let partition: string;
  let retries: string[] = [];
  const clock = manualClock();
  beforeAll(async () => {
    proxy = await startGoogleProxy(`http://${emulator.host}`);
    ({ store } = connect(proxy.url, clock, patient, (reason) => retries.push(reason)));
  });
  afterAll(() => proxy.close());
  beforeEach(async () => {
    await proxy.heal();
    partition = unique('ws/wire');
    await store.commit(partition, [put('head', 0)], 'start');
    retries = [];
    proxy.forget();
  });
  const operations = () => proxy.requests.map(({ operation }) => operation);

  it('makes one request of a commit, whatever its conditions', async () => {
    const { version } = await mustGet(store, partition, 'head');
    proxy.forget();
    await store.commit(
      partition,
      [put('head', 1, { if: version }), put('a', 1, { if: 'absent' }), { kind: 'check', key: 'b', if: 'absent' }],
      'c',
    );
    expect(operations()).toEqual(['commit']);
  });

  it('makes one request of a get, and of a page', async () => {
    await store.get(partition, 'head');
    await store.list(partition);
    await store.find('i1', 'nothing');
    expect(operations()).toEqual(['batchGet', 'runQuery', 'runQuery']);
  });

  it('asks nothing for an interval that holds nothing, nor for the version of an item that has expired', async () => {
    await store.commit(partition, [put('short', 1, { expiresAt: clock.now() + 1_000 })], 'c');
    const { version } = await mustGet(store, partition, 'short');
    clock.advance(1_000);
    proxy.forget();
    expect(await store.list(partition, { from: 'b', to: 'a' })).toEqual({ items: [] });
    const error = await rejection(store.commit(partition, [put('short', 2, { if: version })], 'd'));
    expect(error).toMatchObject({ name: 'ConflictError', keys: ['short'] });
    expect(operations()).toEqual([]);
  });

  it('puts over an expired document that still lies there, under the condition that nobody else does', async () => {
    await store.commit(partition, [put('short', 1, { expiresAt: clock.now() + 1_000 })], 'c');
    clock.advance(1_000);
    proxy.forget();
    const settled = await Promise.allSettled(
      ['one', 'two'].map((name) => store.commit(partition, [put('short', name, { if: 'absent' })], name)),
    );
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    for (const each of settled) if (each.status === 'rejected') expect(each.reason).toBeInstanceOf(ConflictError);
  });

  it('looks before it tries again when the answer to a commit was lost', async () => {
    proxy.inject({ kind: 'cut', on: 'commit', times: 1 });
    await store.commit(partition, [put('a', 1, { if: 'absent' })], 'mine');
    expect(operations()).toEqual(['commit', 'batchGet']);
    expect(retries).toEqual(['UnavailableError']);
  });

  it('tries again when the look shows that nothing was written', async () => {
    proxy.inject({ kind: 'reset', on: 'commit', times: 1 });
    await store.commit(partition, [put('a', 1, { if: 'absent' })], 'mine');
    expect(operations()).toEqual(['commit', 'batchGet', 'commit']);
    expect((await mustGet(store, partition, 'a')).value).toBe(1);
  });

  it('says "unknown" when somebody may have overwritten what a lost commit had written', async () => {
    const { version } = await mustGet(store, partition, 'head');
    const direct = connect(`http://${emulator.host}`, systemClock, patient);
    proxy.inject({
      kind: 'intercept',
      on: 'commit',
      times: 1,
      async handle(request, forward) {
        await forward(request);
        await direct.store.commit(partition, [put('head', 'theirs')], 'theirs');
        return toRefusal(503, 'UNAVAILABLE');
      },
    });
    const error = await rejection(store.commit(partition, [put('head', 'mine', { if: version })], 'mine'));
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ outcome: 'unknown' });
    expect((await mustGet(store, partition, 'head')).value).toBe('theirs');
    await direct.close();
  });

  it('names a conflict when a lost commit certainly did not happen', async () => {
    const { version } = await mustGet(store, partition, 'head');
    await store.commit(partition, [put('taken', 1)], 'c');
    proxy.inject({ kind: 'answer', on: 'commit', times: 1, ...toRefusal(503, 'UNAVAILABLE') });
    const writes = [put('head', 1, { if: version }), put('taken', 2, { if: 'absent' })];
    expect(await rejection(store.commit(partition, writes, 'd'))).toMatchObject({
      name: 'ConflictError',
      keys: ['taken'],
    });
  });

  it('tries contention again, as it does throttling', async () => {
    proxy.inject({ kind: 'answer', on: 'commit', times: 2, ...toRefusal(409, 'ABORTED') });
    await store.commit(partition, [put('a', 1, { if: 'absent' })], 'c');
    expect(operations()).toEqual(['commit', 'commit', 'commit']);
    expect(retries).toEqual(['ABORTED', 'ABORTED']);
  });

  it('tries a read again whose answer ends in an error or in the middle', async () => {
    const failed = {
      ...toRefusal(200, 'UNAVAILABLE'),
      body: JSON.stringify([{ error: { code: 14, status: 'UNAVAILABLE' } }]),
    };
    proxy.inject({ kind: 'answer', on: 'runQuery', times: 1, ...failed, status: 200 });
    proxy.inject({ kind: 'cut', on: 'runQuery', times: 1 });
    expect((await store.list(partition)).items.map((item) => item.key)).toEqual(['head']);
    expect(operations()).toEqual(['runQuery', 'runQuery', 'runQuery']);
  });

  it('holds a page of large items to a few megabytes, and goes on by the cursor', async () => {
    for (let i = 0; i < 20; i += 1) await store.commit(partition, [put(`large-${10 + i}`, 'x'.repeat(300_000))], 'c');
    const sizes: number[] = [];
    const items = await everyPage(
      (cursor) => store.list(partition, { prefix: 'large-', limit: 1_000, ...(cursor ? { cursor } : {}) }),
      (page) => void sizes.push(page.length),
    );
    expect(new Set(items.map((item) => item.key)).size).toBe(20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(14);
  });

  it('writes to hashed ids and indexed fields, so that neighbours in time lie apart', async () => {
    await store.commit(partition, [put('t#1', 1), put('t#2', 2)], 'c');
    const { writes } = JSON.parse(String(proxy.requests.at(-1)?.body));
    const ids = writes.map(({ update }: { update: { name: string } }) => update.name.split('/').at(-1));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{40}$/);
    expect(ids[0].slice(0, 4)).not.toBe(ids[1].slice(0, 4));
  });
});

describe('the index definition', () => {
  it('indexes the four fields that questions are asked of, and nothing else', () => {
    const indexed = indexDefinition.fieldOverrides.filter(({ indexes }) => indexes.length > 0);
    expect(indexDefinition.indexes).toEqual([]);
    expect(indexed.map(({ fieldPath }) => fieldPath)).toEqual(['k', 'i1', 'i2', 'due']);
    expect(indexDefinition.fieldOverrides.at(-1)).toMatchObject({ fieldPath: '*', indexes: [] });
  });
});
