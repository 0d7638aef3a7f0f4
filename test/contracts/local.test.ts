import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll } from 'vitest';
import { contentDisposition } from '../../shared/clouds/local/links.ts';
import { type LocalObjects, openObjects } from '../../shared/clouds/local/objects.ts';
import { openQueues } from '../../shared/clouds/local/queues.ts';
import { openStore } from '../../shared/clouds/local/store.ts';
import { openVault } from '../../shared/clouds/local/vault.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { busContract, CONTRACT_SUBSCRIBERS } from './bus.ts';
import { objectsContract } from './objects.ts';
import { queueContract } from './queue.ts';
import { storeContract } from './store.ts';
import { manualClock } from './support.ts';
import { vaultContract } from './vault.ts';

const folder = mkdtempSync(join(tmpdir(), 'trifold-local-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fresh = (name: string): string => join(folder, `${name}-${randomUUID()}`);

storeContract('local', async ({ clock }) => {
  const store = openStore(fresh('store.db'), clock);
  return { store, close: async () => store.close?.() };
});

/** Takes and acknowledges, as the local host does around a handler that succeeds. */
function openBroker() {
  const queues = openQueues(fresh('queues.db'), manualClock());
  const receive = async (queue: string, max: number) => {
    const received = await queues.receive(queue, { max, visibilityMs: 30_000 });
    await queues.ack(received.map(({ receipt }) => receipt));
    return received;
  };
  return { queues, receive, close: queues.close };
}

queueContract('local', async () => {
  const broker = openBroker();
  return { ...broker, queue: broker.queues.queue };
});

busContract('local', async () => {
  const broker = openBroker();
  for (const { name, type } of CONTRACT_SUBSCRIBERS) await broker.queues.subscribe(type, name);
  return { ...broker, bus: broker.queues.bus };
});

vaultContract('local', async ({ clock }) => ({ vault: openVault(fresh('vault'), clock), close: async () => {} }));

objectsContract('local', async ({ clock }) => {
  const server = await serveLinks(() => objects, clock);
  const objects = openObjects(fresh('objects'), clock, { baseUrl: server.baseUrl });
  const close = async () => {
    await server.close();
    await objects.close?.();
  };
  return { objects, linksFollowClock: true, close };
});

/** What the local HTTP host does with signed links. */
async function serveLinks(objects: () => LocalObjects, clock: Clock) {
  const server = createServer(async (request, response) => {
    const opened = objects().verifyLink(request.url ?? '', clock.now());
    const stored = opened && (await objects().get(opened.key));
    if (!stored) return response.writeHead(opened ? 404 : 403).end();
    if (opened.fileName) response.setHeader('content-disposition', contentDisposition(opened.fileName));
    response.writeHead(200, { 'content-type': stored.contentType, 'content-length': stored.size });
    return pipeline(Readable.fromWeb(stored.body), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (!address || typeof address === 'string') throw new Error('The server has no port');
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { baseUrl: `http://127.0.0.1:${address.port}`, close };
}
