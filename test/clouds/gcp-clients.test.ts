import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClients, fromEnvironment } from '../../shared/clouds/gcp/clients.ts';
import { developerIdentity } from '../../shared/clouds/gcp/developer-identity.ts';
import { GoogleError, toGoogleError, toVerdict } from '../../shared/clouds/gcp/errors.ts';
import { type Identity, metadataIdentity } from '../../shared/clouds/gcp/identity.ts';
import type { Rest, Retry } from '../../shared/clouds/gcp/rest.ts';
import { createTransport, type Transport } from '../../shared/clouds/gcp/transport.ts';
import { type ManualClock, manualClock, rejection } from '../contracts/support.ts';
import { type FaultyProxy, startFaultyProxy } from '../peers/faulty-proxy.ts';
import { toRefusal } from '../peers/google-faults.ts';
import { type MetadataPeer, startMetadataServer } from '../peers/google-metadata.ts';
import { type Peer, startPeer } from '../peers/google-server.ts';

const EMAIL = 'trifold@contract.iam.gserviceaccount.com';

describe("the function's own identity", () => {
  let metadata: MetadataPeer;
  let transport: Transport;
  let identity: Identity;
  beforeEach(async () => {
    metadata = await startMetadataServer(EMAIL);
    transport = createTransport();
    identity = metadataIdentity(transport, metadata.host);
  });
  afterEach(async () => {
    transport.close();
    await metadata.close();
  });

  it('asks for a token once, however many want it at the same time', async () => {
    const tokens = await Promise.all(Array.from({ length: 10 }, () => identity.token()));
    expect(new Set(tokens)).toEqual(new Set(['token-1']));
    expect(await identity.token()).toBe('token-1');
    expect(metadata.tokens()).toBe(1);
  });

  it('asks again shortly before the end, and after a token was refused', async () => {
    metadata.expiresIn = 4 * 60;
    expect(await identity.token()).toBe('token-1');
    metadata.expiresIn = 3_599;
    expect(await identity.token()).toBe('token-2');
    expect(await identity.token()).toBe('token-2');
    identity.forget();
    expect(await identity.token()).toBe('token-3');
  });

  it('knows its address, and leaves signing to IAM', async () => {
    expect(await identity.email()).toBe(EMAIL);
    expect(await identity.sign('text')).toBeUndefined();
  });

  it('tries a busy metadata server again, and says so when it stays busy', async () => {
    metadata.broken = 2;
    expect(await identity.token()).toBe('token-1');
    identity.forget();
    metadata.broken = 3;
    expect(await rejection(identity.token())).toMatchObject({ name: 'UnavailableError', outcome: 'none' });
  });
});

describe("a developer's identity", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('signs with the key file that GOOGLE_APPLICATION_CREDENTIALS names', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const folder = await mkdtemp(join(tmpdir(), 'trifold-gcp-'));
    const key = { type: 'service_account', project_id: 'contract', client_email: EMAIL };
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeFile(join(folder, 'key.json'), JSON.stringify({ ...key, private_key: pem }), { mode: 0o600 });
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'key.json'));
    const identity = developerIdentity();
    expect(await identity.email()).toBe(EMAIL);
    const signature = await identity.sign('text');
    expect(
      createVerify('RSA-SHA256')
        .update('text')
        .verify(publicKey, signature ?? Buffer.alloc(0)),
    ).toBe(true);
    await rm(folder, { recursive: true });
  });

  it('says that there are no credentials', async () => {
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none');
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
    vi.stubEnv('HOME', '/nonexistent');
    expect(await rejection(developerIdentity().token())).toMatchObject({ name: 'UnavailableError', outcome: 'none' });
  });
});

describe('the environment', () => {
  it('leads to emulators, to private endpoints, to the service account', () => {
    const emulated = fromEnvironment({
      FIRESTORE_EMULATOR_HOST: '127.0.0.1:1',
      STORAGE_EMULATOR_HOST: 'http://127.0.0.1:2/',
    });
    expect(emulated.endpoints).toEqual({ firestore: 'http://127.0.0.1:1', storage: 'http://127.0.0.1:2' });
    expect(emulated.identity).toBeDefined();
    expect(fromEnvironment({ K_SERVICE: 'orchestrator' })).toEqual({ endpoints: {} });
    expect(fromEnvironment({}).identity).toBeDefined();
  });
});

describe('a call', () => {
  let clock: ManualClock;
  let peer: Peer;
  let proxy: FaultyProxy;
  let rest: Rest;
  let retries: Retry[];
  let token: string;
  let forgotten: number;
  let controller: AbortController;
  beforeEach(async () => {
    clock = manualClock();
    retries = [];
    token = 'first';
    forgotten = 0;
    controller = new AbortController();
    peer = await startPeer(({ headers }) => ({ status: 200, body: { authorization: headers.authorization } }));
    proxy = await startFaultyProxy(peer.url);
    const identity: Identity = {
      token: async () => token,
      forget: () => {
        forgotten += 1;
        token = 'second';
      },
      email: async () => EMAIL,
      sign: async () => undefined,
    };
    const clients = createClients({
      project: 'contract',
      endpoints: { firestore: proxy.url },
      identity,
      clock,
      signal: () => controller.signal,
      timeoutMs: 10_000,
      attemptMs: 5_000,
      onRetry: (retry) => retries.push(retry),
    });
    rest = clients.rest('firestore');
    expect(clients.rest('firestore')).toBe(rest);
  });
  afterEach(async () => {
    await proxy.close();
    await peer.close();
  });
  const call = (safe = true) => rest.json<{ authorization: string }>({ method: 'GET', path: '/v1/x', safe });
  const refuse = (code: number, status: string, headers = {}, times = 1) =>
    proxy.inject({ kind: 'answer', times, ...toRefusal(code, status, headers) });

  it('carries the token, on one connection kept for all', async () => {
    expect(await call()).toEqual({ authorization: 'Bearer first' });
    await call();
    expect(new Set(proxy.requests.map(({ headers }) => headers.connection))).toEqual(new Set(['keep-alive']));
  });

  it('asks for a new token once when the one it has is refused', async () => {
    refuse(401, 'UNAUTHENTICATED');
    expect(await call(false)).toEqual({ authorization: 'Bearer second' });
    refuse(401, 'UNAUTHENTICATED', {}, 5);
    expect(await rejection(call())).toMatchObject({ code: 'credentials', retryable: false });
    expect(forgotten).toBe(2);
    expect(retries).toEqual([]);
  });

  it('waits as long as it is asked to, in seconds or until a date of the server, whose clock may differ', async () => {
    refuse(429, 'RESOURCE_EXHAUSTED', { 'retry-after': '2' });
    const date = new Date(Date.now() - 86_400_000);
    const until = new Date(date.getTime() + 3_000);
    refuse(503, 'UNAVAILABLE', { date: date.toUTCString(), 'retry-after': until.toUTCString() });
    await call();
    expect(clock.sleeps[0]).toBeGreaterThanOrEqual(2_000);
    expect(clock.sleeps[0]).toBeLessThan(2_200);
    expect(clock.sleeps[1]).toBeGreaterThanOrEqual(2_000);
    expect(clock.sleeps[1]).toBeLessThan(3_200);
    expect(retries.map(({ service, reason, attempt }) => [service, reason, attempt])).toEqual([
      ['Firestore', 'RESOURCE_EXHAUSTED', 0],
      ['Firestore', 'UNAVAILABLE', 1],
    ]);
  });

  it('gives up at once when it is asked to wait beyond its deadline, and passes the wish on', async () => {
    refuse(429, 'RESOURCE_EXHAUSTED', { 'retry-after': '60' });
    expect(await rejection(call())).toMatchObject({ name: 'UnavailableError', outcome: 'none', retryAfterSeconds: 60 });
    expect(proxy.count()).toBe(1);
  });

  it('spreads its retries', async () => {
    refuse(503, 'UNAVAILABLE', {}, 1_000);
    expect(await rejection(call())).toMatchObject({ name: 'UnavailableError', outcome: 'unknown' });
    expect(new Set(clock.sleeps).size).toBeGreaterThan(clock.sleeps.length / 2);
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(10_000);
  });

  it('is not made again by itself when it is not safe and nobody knows what happened', async () => {
    refuse(503, 'UNAVAILABLE');
    expect(await rejection(call(false))).toMatchObject({ name: 'UnavailableError', outcome: 'unknown' });
    expect(proxy.count()).toBe(1);
  });

  it('ends with the invocation', async () => {
    refuse(503, 'UNAVAILABLE', {}, 1_000);
    controller.abort(new Error('the invocation is over'));
    expect(await rejection(call())).toMatchObject({ name: 'UnavailableError' });
    expect(proxy.count()).toBe(1);
  });

  it('takes an answer that is no JSON for no answer', async () => {
    proxy.inject({ kind: 'answer', times: 1, status: 200, body: '<html>a proxy was here' });
    expect(await call()).toEqual({ authorization: 'Bearer first' });
    expect(proxy.count()).toBe(2);
  });
});

describe('an error of Google', () => {
  it.each([
    ['an object', '{"error":{"code":409,"status":"ABORTED","message":"m"}}', 'ABORTED'],
    ['an array, as streams answer', '[{"error":{"code":409,"status":"ABORTED","message":"m"}}]', 'ABORTED'],
    ['a reason, as Cloud Storage answers', '{"error":{"code":409,"errors":[{"reason":"conflict"}]}}', 'conflict'],
    ['HTML', '<html>', 'HTTP'],
    ['nothing', '', 'HTTP'],
    ['other JSON', 'null', 'HTTP'],
  ])('is read from %s', (_, body, reason) => {
    expect(toGoogleError(409, {}, body, true).reason).toBe(reason);
  });

  it("leaves the service's own words out unless asked", () => {
    const body = '{"error":{"status":"INVALID_ARGUMENT","message":"a quoted secret"}}';
    expect(toGoogleError(400, {}, body, false).message).toBe('400 INVALID_ARGUMENT');
    expect(toGoogleError(400, {}, body, true).message).toContain('a quoted secret');
  });

  it.each([
    [429, 'RESOURCE_EXHAUSTED', 'throttled'],
    [403, 'rateLimitExceeded', 'throttled'],
    [409, 'ABORTED', 'throttled'],
    [401, 'UNAUTHENTICATED', 'unauthenticated'],
    [500, 'INTERNAL', 'unknown'],
    [503, 'UNAVAILABLE', 'unknown'],
    [504, 'DEADLINE_EXCEEDED', 'unknown'],
    [403, 'PERMISSION_DENIED', 'final'],
    [409, 'ALREADY_EXISTS', 'final'],
    [400, 'FAILED_PRECONDITION', 'final'],
  ] as const)('%i %s is %s', (status, reason, verdict) => {
    expect(toVerdict(new GoogleError(status, reason, ''))).toBe(verdict);
  });
});
