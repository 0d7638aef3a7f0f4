import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, codeOf } from '../support/api.ts';
import { type RunningDesk, startDesk } from '../support/desk.ts';

let desk: RunningDesk;
beforeAll(async () => {
  desk = await startDesk();
});
afterAll(() => desk?.remove());

const anonymous = () => ({ url: desk.url, key: '' });
const article = { title: 'How to export', body: 'Open the settings and choose Export.', tags: ['export'] };
const customer = {
  name: 'Lantern Works',
  email: 'books@lantern.example.com',
  tier: 'standard',
  status: 'active',
  subscriptions: [
    {
      id: 'sub_1',
      plan: 'Team',
      status: 'active',
      price: { amount: '19.00', currency: 'USD' },
      interval: 'month',
      seats: 5,
    },
  ],
  invoices: [
    {
      id: 'INV-1',
      issuedAt: '2026-11-01T00:00:00Z',
      total: { amount: '19.00', currency: 'USD' },
      status: 'open',
      payments: [],
    },
  ],
};

it('articles are written, read, replaced, listed and removed', async () => {
  const path = '/api/articles/how-to-export';
  expect(await call(desk, 'PUT', path, article)).toMatchObject({
    status: 200,
    body: { id: 'how-to-export', ...article },
  });
  expect(await call(desk, 'PUT', path, { ...article, title: 'Exporting' })).toMatchObject({ status: 200 });
  expect((await call(desk, 'GET', path)).body).toEqual({ id: 'how-to-export', ...article, title: 'Exporting' });
  expect(
    (await call<{ items: { id: string }[] }>(desk, 'GET', '/api/articles')).body.items.map(({ id }) => id),
  ).toEqual(['how-to-export']);
  expect((await call(desk, 'DELETE', path)).status).toBe(204);
  expect(codeOf(await call(desk, 'GET', path))).toBe('not_found');
  expect((await call<{ items: unknown[] }>(desk, 'GET', '/api/articles')).body.items).toEqual([]);
});

it('articles that are none are refused with the field that is wrong', async () => {
  const answer = await call<{ errors: { path: string }[] }>(desk, 'PUT', '/api/articles/a', { title: '', body: 'B' });
  expect([codeOf(answer), answer.body.errors.map(({ path }) => path)]).toEqual(['bad_request', ['title']]);
  expect(codeOf(await call(desk, 'PUT', '/api/articles/NOT%20AN%20ID', article))).toBe('bad_request');
});

it('a customer is made what is put, with subscriptions and invoices, and replaced whole', async () => {
  const path = '/api/customers/cus_lantern';
  expect((await call(desk, 'PUT', path, customer)).status).toBe(200);
  expect((await call(desk, 'GET', path)).body).toEqual({ id: 'cus_lantern', ...customer });
  const balance = await call(desk, 'GET', '/api/billing/customers/cus_lantern/balance');
  expect(balance.body).toEqual({ customerId: 'cus_lantern', open: [{ amount: '19.00', currency: 'USD' }] });

  const smaller = { name: 'Lantern Works', tier: 'free', status: 'active' };
  expect((await call(desk, 'PUT', path, smaller)).status).toBe(200);
  expect((await call(desk, 'GET', path)).body).toEqual({
    id: 'cus_lantern',
    ...smaller,
    subscriptions: [],
    invoices: [],
  });
});

it('customers are listed page by page', async () => {
  for (const name of ['cus_b', 'cus_c', 'cus_d'])
    await call(desk, 'PUT', `/api/customers/${name}`, { ...customer, name });
  type Page = { items: { id: string }[]; cursor?: string };
  const first = (await call<Page>(desk, 'GET', '/api/customers?limit=3')).body;
  const rest = (
    await call<Page>(desk, 'GET', `/api/customers?limit=3&cursor=${encodeURIComponent(first.cursor ?? '')}`)
  ).body;
  const ids = [...first.items, ...rest.items].map(({ id }) => id);
  expect([ids.toSorted(), rest.cursor]).toEqual([['cus_b', 'cus_c', 'cus_d', 'cus_lantern'], undefined]);
});

it('a customer that is unknown, or no customer, is told apart', async () => {
  expect(codeOf(await call(desk, 'GET', '/api/customers/cus_unknown'))).toBe('not_found');
  expect(codeOf(await call(desk, 'GET', '/api/billing/customers/cus_unknown/balance'))).toBe('not_found');
  expect(codeOf(await call(desk, 'PUT', '/api/customers/cus_x', { ...customer, tier: 'golden' }))).toBe('bad_request');
});

it('health and readiness, the description of the API and the page are there for everybody', async () => {
  for (const path of ['/health', '/ready'])
    expect(await call(anonymous(), 'GET', path)).toMatchObject({ status: 200, body: { status: 'ok' } });
  const description = await call<{ openapi: string; paths: Record<string, unknown> }>(
    anonymous(),
    'GET',
    '/api/openapi.json',
  );
  expect([description.status, description.body.openapi]).toEqual([200, '3.1.0']);
  expect(Object.keys(description.body.paths)).toContain('/api/tickets/{id}');
  const page = await call<string>(anonymous(), 'GET', '/');
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.body).toMatch(/<title>[^<]*Trifold/i);
});

it('every path that the description names is answered, and none of them without the role it names', async () => {
  type Operation = { 'x-role'?: string; security?: unknown[] };
  const { body } = await call<{ paths: Record<string, Record<string, Operation>> }>(
    anonymous(),
    'GET',
    '/api/openapi.json',
  );
  for (const [path, operations] of Object.entries(body.paths))
    for (const [method, { security }] of Object.entries(operations)) {
      const answer = await call(anonymous(), method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'));
      const isPublic = security?.length === 0 || security === undefined;
      expect([method, path, answer.status]).toEqual([method, path, isPublic ? 200 : 401]);
    }
});
