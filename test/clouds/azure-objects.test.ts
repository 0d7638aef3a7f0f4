import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  BlobSASPermissions,
  BlobServiceClient,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { afterAll, describe, expect, it } from 'vitest';
import { createObjects } from '../../shared/clouds/azure/objects.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { bytesOf, objectsContract } from '../contracts/objects.ts';
import { manualClock, rejection, unique } from '../contracts/support.ts';
import { startAzuriteIfThere } from '../emulators/azurite.ts';
import { startFaultyProxy } from '../peers/faulty-proxy.ts';

const { azurite, missing } = await startAzuriteIfThere();
afterAll(() => azurite?.stop());

const { endpoint, account, key } = azurite ?? { endpoint: '', account: '', key: '' };

async function newContainer(): Promise<string> {
  const container = unique('trifold');
  const client = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, key));
  await client.createContainer(container);
  return container;
}

objectsContract(
  'Blob Storage (Azurite)',
  async ({ clock }: { clock: Clock }) => {
    const objects = createObjects({ endpoint, key, container: await newContainer(), clock });
    return { objects, linksFollowClock: false, close: async () => objects.close?.() };
  },
  { missing },
);

describe.skipIf(missing)(`the objects in Blob Storage${missing ? ` (skipped: ${missing})` : ''}`, () => {
  async function open(options: { clock?: Clock; attemptMs?: number } = {}) {
    const { origin, pathname } = new URL(endpoint);
    const proxy = await startFaultyProxy(origin);
    const container = await newContainer();
    const url = proxy.url + pathname;
    const objects = createObjects({ endpoint: url, key, container, attemptMs: 500, ...options });
    const close = async () => {
      await objects.close?.();
      await proxy.close();
    };
    return { objects, proxy, container, close };
  }

  it('needs one request for 8 MB, and one for each further part and one at the end for more', async () => {
    const { objects, proxy, close } = await open({ attemptMs: 5_000 });
    const requests = async (bytes: number) => {
      proxy.forget();
      await objects.put('large', new Uint8Array(bytes));
      return proxy.count();
    };
    expect([await requests(8_388_608), await requests(8_388_609), await requests(20_000_000)]).toEqual([1, 3, 4]);
    await close();
  });

  it.each(['cut', 'drop'] as const)(
    'knows its own blob when the answer to a conditional put is lost (%s)',
    async (kind) => {
      const { objects, proxy, close } = await open();
      proxy.inject({ kind, times: 1, on: ({ method }) => method === 'PUT' });
      const put = await objects.put('once', 'mine', { if: 'absent' });
      expect(put).toMatchObject({ key: 'once', size: 4, etag: (await objects.head('once'))?.etag });
      expect(await rejection(objects.put('once', 'other', { if: 'absent' }))).toMatchObject({ code: 'conflict' });
      await close();
    },
  );

  it('tries again when the service is busy, and gives up when it stays so', async () => {
    const { objects, proxy, close } = await open({ clock: manualClock() });
    const busy = {
      kind: 'answer',
      status: 503,
      headers: { 'x-ms-error-code': 'ServerBusy', 'retry-after': '1' },
    } as const;
    const happened = proxy.inject({ ...busy, times: 3 });
    await objects.put('a', 'x');
    expect(happened()).toBe(3);
    proxy.inject(busy);
    expect(await rejection(objects.put('a', 'y'))).toMatchObject({ code: 'unavailable', outcome: 'none' });
    await close();
  });

  it('is unavailable when nobody listens, and says "unknown" when answers are lost', async () => {
    const { objects, proxy, close } = await open({ clock: manualClock() });
    await proxy.refuse();
    expect(await rejection(objects.put('a', 'x'))).toMatchObject({ code: 'unavailable', outcome: 'none' });
    await proxy.accept();
    proxy.inject({ kind: 'cut' });
    expect(await rejection(objects.put('a', 'x'))).toMatchObject({ code: 'unavailable', outcome: 'unknown' });
    await close();
  });

  it('says so when a download breaks off', async () => {
    const { objects, proxy, close } = await open();
    await objects.put('a', randomBytes(1_000_000));
    proxy.inject({ kind: 'cut', times: 1, on: ({ method }) => method === 'GET' });
    expect(await rejection(bytesOf(await objects.get('a')))).toMatchObject({ code: 'unavailable' });
    await close();
  });

  it('waits for a reader that takes longer than the service may', async () => {
    const { objects, close } = await open({ attemptMs: 100 });
    await objects.put('a', randomBytes(3_000_000));
    const reader = (await objects.get('a'))?.body.getReader();
    let size = (await reader?.read())?.value?.length ?? 0;
    await pause(300);
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) size += next.value.length;
    expect(size).toBe(3_000_000);
    await close();
  });

  it('makes links that end, and open no other object', async () => {
    const { objects, close } = await open();
    for (const name of ['mine', 'other']) await objects.put(name, name);
    const link = await objects.signedLink('mine', 60);
    expect((await fetch(link)).status).toBe(200);
    expect((await fetch(link.replace('/mine?', '/other?'))).status).toBe(403);
    expect((await fetch(link.replace(/\?.*/, ''))).status).not.toBe(200);
    await close();
    const before = await open({ clock: manualClock(Date.now() - 120_000) });
    await before.objects.put('mine', 'mine');
    expect((await fetch(await before.objects.signedLink('mine', 60))).status).toBe(403);
    await before.close();
  });

  it('refuses another account key', async () => {
    const objects = createObjects({ endpoint, key: randomBytes(64).toString('base64'), container: 'nobody' });
    expect(await rejection(objects.head('a'))).toMatchObject({ code: 'credentials', retryable: false });
  });

  it('says that the container is missing, not that the object is', async () => {
    const objects = createObjects({ endpoint, key, container: 'no-such-container' });
    expect(await rejection(objects.get('a'))).toMatchObject({ code: 'cloud_denied' });
  });

  it('shows the official SDK what it has put', async () => {
    const { objects, container, close } = await open();
    await objects.put('a b/ü', 'text', { contentType: 'text/plain' });
    const client = new BlobServiceClient(endpoint, new StorageSharedKeyCredential(account, key));
    const blob = client.getContainerClient(container).getBlobClient('a b/ü');
    expect((await blob.downloadToBuffer()).toString()).toBe('text');
    expect((await blob.getProperties()).contentType).toBe('text/plain');
    await close();
  });
});

describe('links signed by the function app’s own identity', () => {
  it('are those that the official SDK makes, with one delegation key for many', async () => {
    const now = Date.now();
    const clock = manualClock(now);
    const value = randomBytes(32).toString('base64');
    const [startsOn, endsOn] = [new Date(now), new Date(now + 7 * 86_400_000)];
    const delegated = {
      signedObjectId: 'an-object',
      signedTenantId: 'a-tenant',
      signedStartsOn: startsOn,
      signedExpiresOn: endsOn,
      signedService: 'b',
      signedVersion: '2021-12-02',
      value,
    };
    const inXml = (time: Date) => time.toISOString().replace(/\.\d+Z/, 'Z');
    const proxy = await startFaultyProxy('http://127.0.0.1:1');
    proxy.inject({
      kind: 'answer',
      status: 200,
      body:
        '<?xml version="1.0" encoding="utf-8"?><UserDelegationKey>' +
        `<SignedOid>an-object</SignedOid><SignedTid>a-tenant</SignedTid><SignedStart>${inXml(startsOn)}</SignedStart>` +
        `<SignedExpiry>${inXml(endsOn)}</SignedExpiry><SignedService>b</SignedService>` +
        `<SignedVersion>2021-12-02</SignedVersion><Value>${value}</Value></UserDelegationKey>`,
    });
    const identity = { token: async () => 'mine', refused: () => {} };
    const objects = createObjects({ endpoint: `${proxy.url}/name`, container: 'c', identity, clock });
    for (const [ttl, fileName] of [
      [60, undefined],
      [3_600, 'report "ü".csv'],
      [7 * 86_400, undefined],
    ] as const) {
      const link = new URL(await objects.signedLink('a/b ü', ttl, fileName === undefined ? {} : { fileName }));
      const contentDisposition = link.searchParams.get('rscd');
      const theirs = generateBlobSASQueryParameters(
        {
          containerName: 'c',
          blobName: 'a/b ü',
          permissions: BlobSASPermissions.parse('r'),
          expiresOn: new Date(now + ttl * 1_000),
          version: '2021-12-02',
          ...(contentDisposition === null ? {} : { contentDisposition }),
        },
        delegated,
        'name',
      );
      expect(Object.fromEntries(link.searchParams)).toEqual(Object.fromEntries(new URLSearchParams(String(theirs))));
    }
    expect(proxy.count()).toBe(1);
    clock.advance(1_000);
    await objects.signedLink('a', 7 * 86_400);
    expect(proxy.count()).toBe(2);
    await objects.close?.();
    await proxy.close();
  });

  it('are for HTTPS alone where the account is', async () => {
    const objects = createObjects({ endpoint: 'https://name.blob.core.windows.net', key: 'a2V5', container: 'c' });
    const link = new URL(await objects.signedLink('a', 60));
    expect([link.origin, link.pathname, link.searchParams.get('spr')]).toEqual([
      'https://name.blob.core.windows.net',
      '/c/a',
      SASProtocol.Https,
    ]);
  });
});
