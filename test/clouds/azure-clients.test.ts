import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ClientOptions, createClient, ownIdentity } from '../../shared/clouds/azure/clients.ts';
import { Fault, toFault } from '../../shared/clouds/azure/errors.ts';
import { createHttp } from '../../shared/clouds/azure/http.ts';
import { managedIdentity } from '../../shared/clouds/azure/identity.ts';
import { createStore } from '../../shared/clouds/azure/store.ts';
import { createVault } from '../../shared/clouds/azure/vault.ts';
import { manualClock, rejection } from '../contracts/support.ts';
import { startCosmos } from '../peers/cosmos.ts';
import { startFaultyProxy } from '../peers/faulty-proxy.ts';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of opened.splice(0)) await close();
});

/** A server on a free port, and the connections that it has taken. */
async function serve(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const connections: Socket[] = [];
  const server = createServer(handle).on('connection', (socket) => connections.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on TCP, a server has an address of this type.
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), connections };
}

/** App Service's identity endpoint: each answer is a new token that lives an hour by the given clock. */
async function identityEndpoint(now: () => number) {
  const asked: { query: Record<string, string>; secret: unknown }[] = [];
  const { url } = await serve((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://peer');
    asked.push({ query: Object.fromEntries(searchParams), secret: request.headers['x-identity-header'] });
    const expires_on = String(Math.floor(now() / 1_000) + 3_600);
    response.end(JSON.stringify({ access_token: `token-${asked.length}`, expires_on, token_type: 'Bearer' }));
  });
  return { endpoint: url.href, asked };
}

describe('the managed identity', () => {
  it('asks once for each service, in the words of App Service', async () => {
    const clock = manualClock();
    const { endpoint, asked } = await identityEndpoint(clock.now);
    const identity = managedIdentity({ endpoint, secret: 'shared', clientId: 'user-assigned' }, createHttp(), clock);
    const tokens = await Promise.all(['a', 'a', 'b', 'a'].map((name) => identity.token(`https://${name}.example`)));
    expect(new Set(tokens).size).toBe(2);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual({
      query: { 'api-version': '2019-08-01', resource: 'https://a.example', client_id: 'user-assigned' },
      secret: 'shared',
    });
  });

  it('asks anew some minutes before a token ends, and when it was refused', async () => {
    const clock = manualClock();
    const { endpoint } = await identityEndpoint(clock.now);
    const identity = managedIdentity({ endpoint, secret: 's' }, createHttp(), clock);
    expect(await identity.token('r')).toBe('token-1');
    clock.advance(54 * 60_000);
    expect(await identity.token('r')).toBe('token-1');
    clock.advance(2 * 60_000);
    expect(await identity.token('r')).toBe('token-2');
    identity.refused('r');
    expect(await identity.token('r')).toBe('token-3');
  });

  it('does not keep a failure', async () => {
    let status = 500;
    const { url } = await serve((_, response) => {
      response.writeHead(status).end('{"access_token":"t","expires_on":"99999999999"}');
    });
    const identity = managedIdentity({ endpoint: url.href, secret: 's' }, createHttp(), manualClock());
    expect(await rejection(identity.token('r'))).toBeInstanceOf(Fault);
    status = 200;
    expect(await identity.token('r')).toBe('t');
  });

  it('is found in the environment of the function app', async () => {
    const { endpoint, asked } = await identityEndpoint(Date.now);
    vi.stubEnv('IDENTITY_ENDPOINT', endpoint);
    vi.stubEnv('IDENTITY_HEADER', 'from-the-environment');
    expect(await ownIdentity().token('r')).toBe('token-1');
    expect(asked[0]?.secret).toBe('from-the-environment');
  });

  it('is missed by name where there is none', async () => {
    vi.stubEnv('IDENTITY_ENDPOINT', '');
    const vault = createVault({ endpoint: 'http://127.0.0.1:1' });
    expect(await rejection(vault.get('key'))).toMatchObject({
      code: 'credentials',
      message: expect.stringContaining('IDENTITY_ENDPOINT'),
    });
  });
});

const unsigned = { headers: () => ({}), refusals: [401], renew: () => {} };
const open = (options: ClientOptions = {}) => {
  const client = createClient('The peer', unsigned, options);
  opened.push(client.close);
  return client;
};

describe('a client', () => {
  it('uses one connection for calls that follow each other', async () => {
    const { url, connections } = await serve((_, response) => void response.end('x'));
    const client = open();
    for (let i = 0; i < 5; i++) await client.send({ method: 'GET', url });
    expect(connections).toHaveLength(1);
  });

  it('opens another connection when the server has closed the one it had', async () => {
    const { url, connections } = await serve((_, response) => void response.end('x'));
    const client = open();
    await client.send({ method: 'GET', url });
    connections[0]?.destroy();
    expect((await client.send({ method: 'GET', url })).status).toBe(200);
    expect(connections).toHaveLength(2);
  });

  it('knows that nothing was sent when the other side never shakes hands', async () => {
    const silent = createTcpServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    opened.push(async () => void silent.close());
    // Listening on TCP, a server has an address of this type.
    const url = new URL(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const error = await rejection(open({ attemptMs: 50 }).send({ method: 'POST', url, body: 'x' }));
    expect(error).toMatchObject({ name: 'ConnectionError', sent: false, code: 'ETIMEDOUT' });
  });

  it('knows that nothing was sent when it is the token that does not come', async () => {
    const { url } = await serve((_, response) => void response.writeHead(500).end());
    vi.stubEnv('IDENTITY_ENDPOINT', url.href);
    vi.stubEnv('IDENTITY_HEADER', 'secret');
    const store = createStore({ endpoint: url.href, database: 'd', container: 'c', clock: manualClock() });
    const error = await rejection(store.commit('p', [{ kind: 'put', key: 'a', value: 1, if: 'any' }], 'c'));
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'none' });
  });

  it('gives up when an answer stalls after it has begun', async () => {
    const { url } = await serve((_, response) => void response.writeHead(200).write('half'));
    const error = await rejection(open({ attemptMs: 50 }).send({ method: 'GET', url }));
    expect(error).toMatchObject({ name: 'ConnectionError', sent: true, code: 'ETIMEDOUT' });
  });

  it('keeps connections to one service apart from a shared pool that somebody else closes', async () => {
    const { url } = await serve((_, response) => void response.end('x'));
    const http = createHttp();
    const [one, other] = [open({ http }), open({ http })];
    await one.close();
    expect((await other.send({ method: 'GET', url })).status).toBe(200);
    http.close();
  });
});

describe('the retry loop', () => {
  const busy = (ms?: number) => new Fault('busy', '429', ms);

  it('waits as long as it was asked to, and otherwise differently each time', async () => {
    const clock = manualClock();
    let n = 0;
    await open({ clock, deadlineMs: 60_000 }).retrying({ operation: 'x' }, async () => {
      if (++n <= 20) throw busy(n === 1 ? 1_234 : undefined);
    });
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(1_234);
    expect(new Set(clock.sleeps).size).toBeGreaterThan(10);
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(2_000);
  });

  it('counts what it repeats', async () => {
    const seen: unknown[] = [];
    let n = 0;
    const options = { clock: manualClock(), onRetry: (retry: unknown) => void seen.push(retry) };
    await open(options).retrying({ operation: 'commit' }, async () => {
      if (++n === 1) throw busy(5_000);
    });
    expect(seen).toEqual([{ operation: 'commit', reason: '429', attempt: 1, delayMs: 5_000 }]);
  });

  it('does not wait for what lies beyond its deadline, and says when to come back', async () => {
    const clock = manualClock();
    const error = await rejection(
      open({ clock, deadlineMs: 1_000 }).retrying({ operation: 'x' }, () => Promise.reject(busy(60_000))),
    );
    expect(error).toMatchObject({ code: 'unavailable', outcome: 'none', retryAfterSeconds: 60 });
    expect(clock.sleeps).toEqual([]);
  });

  it('repeats nothing that may have taken effect and is not repeatable', async () => {
    let n = 0;
    const lost = () => {
      n++;
      return Promise.reject(new Fault('lost', 'ECONNRESET'));
    };
    const error = await rejection(open().retrying({ operation: 'x', repeatable: false }, lost));
    expect([n, Object(error).outcome]).toEqual([1, 'unknown']);
  });

  it.each([
    [401, 'credentials'],
    [403, 'denied'],
    [404, 'denied'],
    [408, 'lost'],
    [410, 'busy'],
    [413, 'refused'],
    [429, 'busy'],
    [449, 'busy'],
    [500, 'lost'],
    [502, 'lost'],
    [503, 'busy'],
  ])('reads an unexpected %s as %s', (status, kind) => {
    expect(toFault({ status, headers: {} }).kind).toBe(kind);
  });

  it.each([
    [{ 'x-ms-retry-after-ms': '12.5' }, 12.5],
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': 'Fri, 20 Nov 2026 10:00:05 GMT', date: 'Fri, 20 Nov 2026 10:00:00 GMT' }, 5_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('reads %j as a wait', (headers, ms) => {
    expect(toFault({ status: 429, headers }).retryAfterMs).toBe(ms);
  });
});

describe('the store and the statuses of Cosmos DB', () => {
  async function openStore() {
    const peer = await startCosmos();
    const proxy = await startFaultyProxy(peer.endpoint);
    opened.push(proxy.close, peer.close);
    const options = { endpoint: proxy.url, key: peer.key, database: 'd', container: 'c', clock: manualClock() };
    return { store: createStore(options), proxy };
  }
  const put = (condition: 'any' | 'absent') => [{ kind: 'put', key: 'a', value: 1, if: condition }] as const;

  it('asks again where partitions are when one was split (410)', async () => {
    const { store, proxy } = await openStore();
    await store.find('i1', 'h');
    proxy.forget();
    proxy.inject({ kind: 'answer', times: 1, status: 410, headers: { 'x-ms-substatus': '1002' } });
    expect(await store.find('i1', 'h')).toEqual({ items: [] });
    expect(proxy.requests.map(({ path }) => path.split('/').at(-1))).toEqual(['docs', 'pkranges', 'docs']);
  });

  it.each([449, 503])('repeats a commit that a first effect would make fail after %s', async (status) => {
    const { store, proxy } = await openStore();
    proxy.inject({ kind: 'answer', times: 1, status });
    await store.commit('p', put('absent'), 'c');
    expect((await store.get('p', 'a'))?.value).toBe(1);
  });

  it('repeats any commit after 449, and none without a condition after 503, which may have taken effect', async () => {
    const { store, proxy } = await openStore();
    proxy.inject({ kind: 'answer', times: 1, status: 449 });
    await store.commit('p', put('any'), 'c');
    proxy.inject({ kind: 'answer', times: 1, status: 503 });
    expect(await rejection(store.commit('p', put('any'), 'c'))).toMatchObject({ outcome: 'unknown' });
  });

  it('obeys the milliseconds that Cosmos DB asks for', async () => {
    const peer = await startCosmos();
    const proxy = await startFaultyProxy(peer.endpoint);
    opened.push(proxy.close, peer.close);
    const clock = manualClock();
    const store = createStore({ endpoint: proxy.url, key: peer.key, database: 'd', container: 'c', clock });
    proxy.inject({ kind: 'answer', times: 1, status: 429, headers: { 'x-ms-retry-after-ms': '4321' } });
    await store.commit('p', put('any'), 'c');
    expect(clock.sleeps).toEqual([4_321]);
  });

  it('says that the container is missing, not that the item is', async () => {
    const { store, proxy } = await openStore();
    proxy.inject({ kind: 'answer', status: 404, headers: { 'x-ms-substatus': '1003' } });
    expect(await rejection(store.get('p', 'a'))).toMatchObject({ code: 'cloud_denied', retryable: false });
  });
});
