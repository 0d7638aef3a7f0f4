import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClients } from '../../shared/clouds/gcp/clients.ts';
import { fixedIdentity } from '../../shared/clouds/gcp/identity.ts';
import { createObjects } from '../../shared/clouds/gcp/objects.ts';
import { ConflictError, UnavailableError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { bytesOf, objectsContract } from '../contracts/objects.ts';
import { type ManualClock, manualClock, rejection, unique } from '../contracts/support.ts';
import { type StoragePeer, startCloudStorage } from '../peers/cloud-storage.ts';
import type { FaultyProxy } from '../peers/faulty-proxy.ts';
import { googleFaults, startGoogleProxy, toRefusal } from '../peers/google-faults.ts';

const BUCKET = 'contract-objects';

function connect(url: string, peer: StoragePeer, clock: Clock, byKey: boolean) {
  const signer = { email: async () => peer.email, sign: async (text: string) => (byKey ? peer.sign(text) : undefined) };
  return createClients({
    project: 'contract',
    endpoints: { storage: url, iamCredentials: url },
    identity: fixedIdentity('owner', signer),
    clock,
    attemptMs: 1_000,
    timeoutMs: 4_000,
  });
}

for (const byKey of [false, true]) {
  const signer = byKey ? 'a key at hand' : 'IAM';
  objectsContract(`Cloud Storage (peer, links signed by ${signer})`, async ({ clock }) => {
    const peer = await startCloudStorage(BUCKET, clock);
    const clients = connect(peer.url, peer, clock, byKey);
    const close = async () => {
      clients.close();
      await peer.close();
    };
    return { objects: createObjects(clients, { bucket: BUCKET }), linksFollowClock: true, close };
  });
}

describe('Cloud Storage under faults', () => {
  let clock: ManualClock;
  let peer: StoragePeer;
  let proxy: FaultyProxy;
  let objects: ReturnType<typeof createObjects>;
  let key: string;
  beforeEach(async () => {
    clock = manualClock();
    peer = await startCloudStorage(BUCKET, clock);
    proxy = await startGoogleProxy(peer.url);
    objects = createObjects(connect(proxy.url, peer, clock, false), { bucket: BUCKET, uploadMs: 800 });
    key = unique('faults/object');
  });
  afterEach(async () => {
    await proxy.close();
    await peer.close();
  });
  const large = randomBytes(9_000_000);
  const textAt = async () => String(await bytesOf(await objects.get(key)));

  it.each(['cut', 'drop'] as const)(
    'knows its own object again when the answer to a conditional put is lost (%s)',
    async (kind) => {
      proxy.inject({ kind, times: 1 });
      const { etag } = await objects.put(key, 'mine', { if: 'absent' });
      expect((await objects.head(key))?.etag).toBe(etag);
      await expect(objects.put(key, 'other', { if: 'absent' })).rejects.toBeInstanceOf(ConflictError);
      expect(await textAt()).toBe('mine');
    },
  );

  it.each([
    ['is cut short', { kind: 'cut' }],
    ['never comes', { kind: 'drop' }],
    ['is "unavailable", before anything was kept', { kind: 'answer', ...toRefusal(503, 'backendError') }],
  ] as const)(
    'goes on with an upload in parts when an answer %s',
    async (_, fault) => {
      proxy.inject({ ...fault, on: ({ method }) => method === 'PUT', times: 2 });
      await objects.put(key, large, { if: 'absent' });
      expect((await bytesOf(await objects.get(key))).equals(large)).toBe(true);
      expect(peer.openUploads()).toBe(0);
    },
    200_000,
  );

  it('cancels an upload whose source breaks', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 10) controller.error(new Error('the source broke'));
        else controller.enqueue(randomBytes(1_000_000));
      },
    });
    await expect(objects.put(key, body)).rejects.toThrow('the source broke');
    expect(peer.openUploads()).toBe(0);
    expect(await objects.head(key)).toBeUndefined();
  });

  it('sends as many requests as there are parts, and one to begin', async () => {
    await objects.put(key, large);
    // Begin, the first part, what the peer did not keep of it, and the last.
    expect(proxy.requests.map(({ method }) => method)).toEqual(['POST', 'PUT', 'PUT', 'PUT']);
    proxy.forget();
    await objects.put(key, 'small');
    expect(proxy.count()).toBe(1);
  });

  it('tries again when throttled, and says so when that does not end', async () => {
    const faults = googleFaults(proxy);
    faults.throttle(2, 1);
    await objects.put(key, 'x');
    expect(faults.throttled()).toBe(2);
    await faults.heal();
    faults.throttle(1_000_000);
    expect(await rejection(objects.get(key))).toMatchObject({ name: 'UnavailableError', outcome: 'none' });
  });

  it('tells a read that breaks in the middle', async () => {
    await objects.put(key, randomBytes(100_000));
    proxy.inject({ kind: 'cut', times: 1 });
    await expect(bytesOf(await objects.get(key))).rejects.toBeInstanceOf(UnavailableError);
  });

  it('says "credentials" when they have expired', async () => {
    googleFaults(proxy).expireCredentials();
    expect(await rejection(objects.put(key, 'x'))).toMatchObject({ code: 'credentials', retryable: false });
  });

  it('takes a missing bucket for a fault of ours, not for a missing object', async () => {
    const other = createObjects(connect(proxy.url, peer, clock, false), { bucket: 'no-such-bucket' });
    expect(await rejection(other.get(key))).toMatchObject({ code: 'cloud_missing', status: 500 });
  });

  it('reads nothing from beyond the end', async () => {
    await objects.put(key, 'abc');
    const stored = await objects.get(key, { start: 3 });
    expect(stored).toMatchObject({ size: 3 });
    expect(await bytesOf(stored)).toHaveLength(0);
  });

  it('refuses a cursor of another prefix', async () => {
    for (const name of ['a', 'b', 'c']) await objects.put(`list/${name}`, name);
    const { cursor = '' } = await objects.list('list/', { limit: 1 });
    for (const [prefix, wrong] of [
      ['lis', cursor],
      ['list/', 'no-cursor'],
    ] as const)
      expect(await rejection(objects.list(prefix, { cursor: wrong }))).toMatchObject({ status: 400, retryable: false });
  });
});
