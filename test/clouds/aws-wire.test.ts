import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createObjects } from '../../shared/clouds/aws/objects.ts';
import { createQueue } from '../../shared/clouds/aws/queue.ts';
import { createStore } from '../../shared/clouds/aws/store.ts';
import type { Retry } from '../../shared/clouds/retries.ts';
import { LimitError } from '../../shared/errors.ts';
import type { Store } from '../../shared/ports/store.ts';
import { put } from '../contracts/store.ts';
import { everyPage, manualClock, rejection, unique } from '../contracts/support.ts';
import { startMotoIfThere } from '../emulators/moto.ts';
import { startDynamoDbPeer } from '../peers/aws-dynamodb.ts';
import { skewClock, toRefusal, toXmlRefusal } from '../peers/aws-faults.ts';
import { newBucket, newQueues, openFaults, toMoto } from '../peers/aws-openers.ts';
import { type FaultyProxy, startFaultyProxy } from '../peers/faulty-proxy.ts';

const { moto, missing } = await startMotoIfThere();
const url = moto?.url ?? '';
afterAll(() => moto?.stop());

const write = (key: string) => put(key, { key }, { if: 'absent' });

describe('the store on the wire', () => {
  let proxy: FaultyProxy;
  let store: Store;
  const clock = manualClock();
  const retries: Retry[] = [];
  const closings: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const peer = await startDynamoDbPeer();
    proxy = await startFaultyProxy(peer.url);
    store = createStore({ ...toMoto(proxy.url), attemptMs: 800, clock, table: 't', onRetry: (r) => retries.push(r) });
    closings.push(proxy.close, peer.close);
  });
  afterEach(async () => {
    await proxy.heal();
    proxy.forget();
    retries.length = 0;
  });
  afterAll(async () => {
    await store.close?.();
    for (const close of closings) await close();
  });

  it('commits three writes with one request', async () => {
    await store.commit(unique('ws'), [write('a'), write('b'), write('c')], 'c');
    expect(proxy.requests.map(({ operation }) => operation)).toEqual(['TransactWriteItems']);
  });

  it.each([
    ['a put', put('a', 1), 'PutItem'],
    ['a delete', { kind: 'delete', key: 'a', if: 'any' }, 'DeleteItem'],
    ['a check', { kind: 'check', key: 'a', if: 'absent' }, 'TransactWriteItems'],
  ] as const)('commits %s alone with one request', async (_, one, operation) => {
    await store.commit(unique('ws'), [one], 'c');
    expect(proxy.requests.map((request) => request.operation)).toEqual([operation]);
  });

  it('asks for one page a call, and holds no more than it: 10,000 items in 10 requests', async () => {
    const partition = unique('ws');
    for (let i = 0; i < 10_000; i += 100)
      await store.commit(
        partition,
        Array.from({ length: 100 }, (_, n) => put(String(i + n).padStart(5, '0'), i + n)),
        'fill',
      );
    proxy.forget();
    let largest = 0;
    const { length } = await everyPage(
      (cursor) => store.list(partition, { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }),
      (items) => {
        largest = Math.max(largest, items.length);
      },
    );
    expect({ length, largest }).toEqual({ length: 10_000, largest: 1_000 });
    expect(proxy.count('Query')).toBeLessThanOrEqual(11);
  });

  it('tries a transaction again that met another one, and does not call that a conflict', async () => {
    const reasons = { CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }] };
    const body = JSON.stringify({ __type: 'TransactionCanceledException', ...reasons });
    const happened = proxy.inject({ kind: 'answer', times: 2, ...toRefusal(''), body });
    await store.commit(unique('ws'), [write('a'), write('b')], 'c');
    expect([happened(), retries.map(({ reason }) => reason)]).toEqual([
      2,
      ['TransactionConflict', 'TransactionConflict'],
    ]);
  });

  it('asks again for a lost answer with the same token, and writes once', async () => {
    const partition = unique('ws');
    proxy.inject({ kind: 'drop', times: 1 });
    await store.commit(partition, [write('a'), write('b')], 'mine');
    const tokens = proxy.requests.map(({ body }) => JSON.parse(body.toString()).ClientRequestToken);
    expect(tokens).toEqual([expect.any(String), tokens[0]]);
    expect((await store.get(partition, 'a'))?.commitId).toBe('mine');
  });

  it('does not make a single write again when its answer was lost', async () => {
    proxy.inject({ kind: 'cut', times: 1 });
    expect(await rejection(store.commit(unique('ws'), [put('a', 1)], 'c'))).toMatchObject({ outcome: 'unknown' });
    expect(proxy.count('PutItem')).toBe(1);
  });

  it('says "unknown" when the connection is reset before an answer, and finds nothing written', async () => {
    const partition = unique('ws');
    proxy.inject({ kind: 'reset', times: 1 });
    expect(await rejection(store.commit(partition, [put('a', 1)], 'c'))).toMatchObject({ outcome: 'unknown' });
    expect(await store.get(partition, 'a')).toBeUndefined();
  });

  it.each([429, 503])('waits as long as a %s says, and counts it', async (status) => {
    proxy.inject({ kind: 'answer', times: 1, status, headers: { 'retry-after': '2' }, body: '{}' });
    await store.commit(unique('ws'), [put('a', 1)], 'c');
    expect(retries).toEqual([expect.objectContaining({ operation: 'PutItem', attempt: 1 })]);
    expect(retries[0]?.delayMs).toBeGreaterThanOrEqual(2_000);
  });

  it('spreads its waits instead of repeating them', async () => {
    proxy.inject({ kind: 'answer', times: 8, ...toRefusal('ProvisionedThroughputExceededException') });
    await store.commit(unique('ws'), [put('a', 1)], 'c');
    expect(new Set(retries.map(({ delayMs }) => delayMs)).size).toBeGreaterThan(3);
    for (const { attempt, delayMs } of retries)
      expect(delayMs).toBeLessThanOrEqual(Math.min(2_000, 50 * 2 ** (attempt - 1)));
  });

  it('gets over a clock that is an hour wrong', async () => {
    const refused = skewClock(proxy, 3_600_000);
    await store.commit(unique('ws'), [put('a', 1)], 'c');
    expect(refused()).toBe(1);
  });

  it.each([
    ['ValidationException', { code: 'cloud_refused', retryable: false }],
    ['ResourceNotFoundException', { code: 'unavailable', outcome: 'none' }],
    ['AccessDeniedException', { code: 'unavailable', outcome: 'none' }],
    ['InternalServerError', { code: 'unavailable', outcome: 'unknown' }],
  ])('reads %s, once, and repeats none of its words', async (name, expected) => {
    const status = name === 'InternalServerError' ? 500 : 400;
    proxy.inject({ kind: 'answer', ...toRefusal(name), status });
    const error = await rejection(store.commit(unique('ws'), [put('a', 1)], 'c'));
    expect(error).toMatchObject(expected);
    expect(`${error} ${JSON.stringify(error)}`).not.toContain('says the peer');
    expect(proxy.count()).toBe(1);
  });

  it('uses a new identity after the old one has expired', async () => {
    const used: string[] = [];
    const { credentials: _, ...rest } = toMoto(proxy.url);
    const identities = ['first', 'second'];
    const credentials = async () => ({ accessKeyId: identities.shift() ?? 'none', secretAccessKey: 'x' });
    const renewing = createStore({ ...rest, clock, table: 't', credentials });
    proxy.inject({ kind: 'answer', times: 1, ...toRefusal('ExpiredTokenException') });
    expect(await rejection(renewing.get('ws', 'a'))).toMatchObject({ code: 'credentials' });
    expect(await renewing.get('ws', 'a')).toBeUndefined();
    used.push(
      ...proxy.requests.map(({ headers }) => /Credential=(\w+)/.exec(String(headers.authorization))?.[1] ?? ''),
    );
    expect(used).toEqual(['first', 'second']);
    await renewing.close?.();
  });

  it('refuses what no key may be, before any request', async () => {
    const half = { i1: { hash: 'h', sort: '\ud800' } };
    const empty = { due: { hash: 'h', sort: '' } };
    for (const indexes of [half, empty])
      expect(await rejection(store.commit('ws', [put('a', 1, { indexes })], 'c'))).toBeInstanceOf(LimitError);
    for (const key of ['', '\ud800']) expect(await rejection(store.get('ws', key))).toBeInstanceOf(LimitError);
    expect(proxy.count()).toBe(0);
  });
});

describe.skipIf(missing)(`queue and objects on the wire${missing ? ` (skipped: ${missing})` : ''}`, () => {
  const messages = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ id: `m${n}`, body: JSON.stringify({ id: `m${n}` }) }));

  it('sends 1,000 small messages with 100 requests, at most 8 at a time', async () => {
    const { proxy } = await openFaults(url);
    const queues = await newQueues(url, ['tickets']);
    const objects = { put: () => Promise.reject(new Error('nothing is large here')) };
    const queue = createQueue({ ...toMoto(proxy.url), objects, urlPrefix: queues.urlPrefix(proxy.url) });
    await queue.send('tickets', messages(1_000));
    expect(proxy.requests.map(({ operation }) => operation)).toEqual(Array(100).fill('SendMessageBatch'));
    expect(proxy.peak()).toBeLessThanOrEqual(8);
    await queue.close?.();
    await proxy.close();
  });

  it('escapes the two characters that JSON has and SQS has not', async () => {
    const queues = await newQueues(url, ['tickets']);
    const objects = { put: () => Promise.reject(new Error('nothing is large here')) };
    const queue = createQueue({ ...toMoto(url), objects, urlPrefix: queues.urlPrefix(url) });
    await queue.send('tickets', [{ id: 'x', body: JSON.stringify({ text: 'a\uffffb\ufffe' }) }]);
    const [body = ''] = await queues.receive('tickets', 1);
    expect(body).toBe('{"text":"a\\uffffb\\ufffe"}');
    expect(JSON.parse(body)).toEqual({ text: 'a\uffffb\ufffe' });
    await queue.close?.();
  });

  async function openObjects() {
    const { proxy } = await openFaults(url);
    const objects = createObjects({ ...toMoto(proxy.url), attemptMs: 2_000, bucket: await newBucket(url) });
    return { proxy, objects, close: async () => Promise.all([objects.close?.(), proxy.close()]) };
  }

  it('finds its own object when the answer to a conditional put was lost', async () => {
    const { proxy, objects, close } = await openObjects();
    proxy.inject({ kind: 'cut', times: 1, on: ({ method }) => method === 'PUT' });
    const { etag } = await objects.put('a/b', 'mine', { if: 'absent' });
    expect((await objects.head('a/b'))?.etag).toBe(etag);
    await close();
  });

  it('sends the condition of an upload in parts with its completion, where S3 decides it', async () => {
    const { proxy, objects, close } = await openObjects();
    await objects.put('large', new Uint8Array(9_000_000), { if: 'absent' });
    const last = proxy.requests.at(-1);
    expect([last?.method, last?.headers['if-none-match']]).toEqual(['POST', '*']);
    expect(proxy.requests.filter(({ path }) => path.includes('partNumber='))).toHaveLength(2);
    await close();
  });

  it('waits when S3 asks to slow down, and leaves no upload behind when a part cannot be sent', async () => {
    const { proxy, objects, close } = await openObjects();
    const slow = proxy.inject({ kind: 'answer', times: 2, ...toXmlRefusal(503, 'SlowDown') });
    await objects.put('a', 'x');
    expect(slow()).toBe(2);
    const isPart = ({ path }: { path: string }) => path.includes('partNumber=2');
    proxy.inject({ kind: 'answer', on: isPart, ...toXmlRefusal(403, 'AccessDenied') });
    expect(await rejection(objects.put('large', new Uint8Array(9_000_000)))).toMatchObject({ outcome: 'none' });
    expect(proxy.requests.at(-1)).toMatchObject({ method: 'DELETE', path: expect.stringContaining('uploadId=') });
    await close();
  });

  it('names the file in a link', async () => {
    const { objects, close } = await openObjects();
    const link = new URL(await objects.signedLink('a/b.csv', 60, { fileName: 'report "ü".csv' }));
    expect(link.searchParams.get('response-content-disposition')).toBe(
      `attachment; filename="report ___.csv"; filename*=UTF-8''report%20%22%C3%BC%22.csv`,
    );
    expect(link.searchParams.get('X-Amz-Expires')).toBe('60');
    await close();
  });
});
