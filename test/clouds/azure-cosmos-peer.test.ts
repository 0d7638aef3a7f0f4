import { type Container, CosmosClient } from '@azure/cosmos';
import { afterAll, describe, expect, it } from 'vitest';
import { containerDefinition } from '../../shared/clouds/azure/container.ts';
import { unique } from '../contracts/support.ts';
import { startCosmos } from '../peers/cosmos.ts';
import { startCosmosReference } from '../peers/cosmos-reference.ts';

const reference = await startCosmosReference().catch((error: unknown) => {
  if (process.env['CI'] === 'true' || !(error instanceof Error)) throw error;
  return error;
});
const missing = reference instanceof Error ? reference.message : undefined;
const peer = await startCosmos();
afterAll(async () => {
  await peer.close();
  if (!(reference instanceof Error)) await reference.stop();
});

/** Status, and what of the answer does not differ from run to run. */
type Seen = readonly [status: number | undefined, body: unknown];

async function seen(call: Promise<{ statusCode?: number; resource?: unknown }>): Promise<Seen> {
  try {
    const { statusCode, resource } = await call;
    return [statusCode, withoutSystemMembers(resource)];
  } catch (error) {
    return [Object(error).code, undefined];
  }
}

const withoutSystemMembers = (resource: unknown): unknown =>
  resource && Object.fromEntries(Object.entries(Object(resource)).filter(([name]) => !name.startsWith('_')));

const stale = { accessCondition: { type: 'IfMatch', condition: '"somebody-else"' } };

/** The same calls of the official SDK, each with what it answered. */
async function conversation(items: Container): Promise<Record<string, unknown>> {
  const said: Record<string, unknown> = {};
  const document = { id: 'a', pk: 'p', n: 1 };
  const { etag } = await items.items.create(document);
  const current = { accessCondition: { type: 'IfMatch', condition: String(etag) } };
  said['create again'] = await seen(items.items.create(document));
  said['read'] = await seen(items.item('a', 'p').read());
  said['read nothing'] = (await items.item('b', 'p').read()).statusCode;
  said['replace stale'] = await seen(items.item('a', 'p').replace({ ...document, n: 2 }, stale));
  said['upsert stale'] = await seen(items.items.upsert({ ...document, n: 2 }, stale));
  said['delete stale'] = await seen(items.item('a', 'p').delete(stale));
  said['replace current'] = await seen(items.item('a', 'p').replace({ ...document, n: 2 }, current));
  said['replace with what was current'] = await seen(items.item('a', 'p').replace({ ...document, n: 3 }, current));
  said['replace nothing'] = await seen(items.item('b', 'p').replace({ id: 'b', pk: 'p' }));
  said['patch'] = await seen(items.item('a', 'p').patch([{ op: 'set', path: '/n', value: 7 }]));
  said['upsert new'] = await seen(items.items.upsert({ id: 'c', pk: 'p', n: 5 }));
  said['upsert old'] = await seen(items.items.upsert({ id: 'c', pk: 'p', n: 6 }));
  for (const [id, n] of [
    ['d', 2],
    ['e', 3],
    ['f', 4],
  ] as const)
    await items.items.create({ id, pk: 'p', n });
  for (const [name, query] of Object.entries(QUERIES)) {
    const spec = {
      query,
      parameters: [
        { name: '@from', value: 3 },
        { name: '@ids', value: ['a', 'd', 'x'] },
      ],
    };
    const { resources } = await items.items.query(spec, { partitionKey: 'p' }).fetchAll();
    said[name] = resources.map(withoutSystemMembers);
  }
  said['delete'] = await seen(items.item('a', 'p').delete());
  said['delete again'] = await seen(items.item('a', 'p').delete());
  return said;
}

const QUERIES = {
  'in order': 'SELECT * FROM c WHERE c.n >= @from ORDER BY c.n ASC',
  'in reverse order': 'SELECT * FROM c WHERE c.n >= @from AND c.n < 7 ORDER BY c.n DESC',
  members: 'SELECT c.id, c.n FROM c WHERE ARRAY_CONTAINS(@ids, c.id) ORDER BY c.id',
  'missing members': 'SELECT * FROM c WHERE IS_NULL(c.x) OR c.x > @from',
  either: 'SELECT c.id FROM c WHERE (c.n = 3 OR c.id = "a") AND c.pk = "p" ORDER BY c.id',
};

describe.skipIf(missing)(`the peer and a public test server${missing ? ` (skipped: ${missing})` : ''}`, () => {
  async function open({ endpoint, key }: { endpoint: string; key: string }): Promise<Container> {
    const connectionPolicy = { enableEndpointDiscovery: false };
    const client = new CosmosClient({ endpoint, key, connectionPolicy });
    if (endpoint === peer.endpoint) return client.database('d').container(unique('c'));
    const { database } = await client.databases.createIfNotExists({ id: 'd' });
    const { paths } = containerDefinition.partitionKey;
    return (await database.containers.createIfNotExists({ id: unique('c'), partitionKey: { paths: [...paths] } }))
      .container;
  }

  it('answer the official SDK alike', async () => {
    if (reference instanceof Error) throw reference;
    const theirs = await conversation(await open(reference));
    expect(await conversation(await open(peer))).toEqual(theirs);
    expect(theirs).toMatchObject({ 'create again': [409, undefined], 'replace stale': [412, undefined] });
  });
});
