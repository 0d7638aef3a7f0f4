import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, codeOf } from '../support/api.ts';
import { type RunningDesk, startDesk } from '../support/desk.ts';
import { readMix, requestOf } from '../support/tickets.ts';

interface Made {
  readonly id: string;
  readonly role: string;
  readonly key: string;
}

let desk: RunningDesk;
beforeAll(async () => {
  desk = await startDesk();
});
afterAll(() => desk?.remove());

const as = (key: string) => ({ url: desk.url, key });
const makeKey = async (role: string): Promise<Made> => {
  const made = await call<Made>(desk, 'POST', '/api/keys', { role });
  expect([made.status, made.body.role]).toEqual([201, role]);
  return made.body;
};
const [ticket] = readMix();
const body = ticket && requestOf(ticket);

it('each role may what it is for and no more', async () => {
  const [viewer, operator] = [await makeKey('viewer'), await makeKey('operator')];
  const customer = { name: 'A', tier: 'free', status: 'active' };
  const allowed: [string, string, unknown, string][] = [
    ['GET', '/api/tickets', undefined, 'viewer'],
    ['GET', '/api/articles', undefined, 'viewer'],
    ['POST', '/api/tickets', body, 'operator'],
    ['PUT', '/api/articles/a', { title: 'A', body: 'B' }, 'operator'],
    ['GET', '/api/dead-letters', undefined, 'operator'],
    ['GET', '/api/keys', undefined, 'admin'],
    ['POST', '/api/keys', { role: 'viewer' }, 'admin'],
    ['PUT', '/api/customers/cus_a', customer, 'admin'],
  ];
  const rank = ['viewer', 'operator', 'admin'];
  const keys = { viewer: viewer.key, operator: operator.key, admin: desk.key };
  for (const [method, path, input, least] of allowed)
    for (const [role, key] of Object.entries(keys)) {
      const answer = await call(as(key), method, path, input);
      const may = rank.indexOf(role) >= rank.indexOf(least);
      expect([method, path, role, may ? answer.status < 300 : codeOf(answer)]).toEqual([
        method,
        path,
        role,
        may || 'forbidden',
      ]);
    }
});

it('nobody may anything without a key, and is told how to send one', async () => {
  const answer = await call(as(''), 'GET', '/api/tickets');
  expect([answer.status, codeOf(answer), answer.headers.get('www-authenticate')]).toEqual([
    401,
    'unauthenticated',
    'Bearer realm="trifold"',
  ]);
});

it('a key is shown once: no list, no log and no file holds it', async () => {
  const { id, key } = await makeKey('viewer');
  const listed = await call<{ items: { id: string; prefix: string }[] }>(desk, 'GET', '/api/keys');
  const mine = listed.body.items.find((one) => one.id === id);
  expect(key.startsWith(mine?.prefix ?? 'nothing')).toBe(true);
  expect(JSON.stringify(listed.body)).not.toContain(key);
  expect(desk.output()).not.toContain(key);
  for (const file of readdirSync(desk.data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()))
    expect(readFileSync(join(file.parentPath, file.name)).includes(key)).toBe(false);
});

it('a revoked key opens nothing any more', async () => {
  const unused = await makeKey('operator');
  expect((await call(desk, 'DELETE', `/api/keys/${unused.id}`)).status).toBe(204);
  expect(codeOf(await call(as(unused.key), 'GET', '/api/tickets'))).toBe('unauthenticated');

  const used = await makeKey('operator');
  expect((await call(as(used.key), 'GET', '/api/tickets')).status).toBe(200);
  expect((await call(desk, 'DELETE', `/api/keys/${used.id}`)).status).toBe(204);
  // An instance may trust what it read for a minute; a new one never does.
  await desk.stop();
  desk = await startDesk({ data: desk.data, key: desk.key });
  expect(codeOf(await call(as(used.key), 'GET', '/api/tickets'))).toBe('unauthenticated');
  const listed = await call<{ items: { id: string }[] }>(desk, 'GET', '/api/keys');
  expect(listed.body.items.map(({ id }) => id)).not.toContain(used.id);
});

it('a key cannot revoke itself, so that the last admin does not lock everybody out', async () => {
  const listed = await call<{ items: { id: string; role: string }[] }>(desk, 'GET', '/api/keys');
  const admin = listed.body.items.find(({ role }) => role === 'admin');
  expect(codeOf(await call(desk, 'DELETE', `/api/keys/${admin?.id}`))).toBe('own_key');
  expect((await call(desk, 'GET', '/api/keys')).status).toBe(200);
});

it('the admin key is printed by the first start alone', async () => {
  expect(desk.output()).not.toMatch(/Admin key/);
  expect(desk.key).toMatch(/^tf_main_/);
});

it('who has lost the admin key starts the desk with another one; a plain start shows none', async () => {
  const first = await startDesk();
  await first.stop();
  const plain = await startDesk({ data: first.data });
  await plain.stop();
  const again = await startDesk({ data: first.data, newKey: true });
  try {
    expect(plain.key).toBe('');
    expect([first.key === again.key, (await call(again, 'GET', '/api/keys')).status]).toEqual([false, 200]);
    expect((await call({ url: again.url, key: first.key }, 'GET', '/api/keys')).status).toBe(200);
  } finally {
    await again.remove();
  }
});
