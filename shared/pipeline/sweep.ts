import { newId, timeKey } from '../domain/ids.ts';
import { ConflictError } from '../errors.ts';
import type { Item } from '../ports/store.ts';
import type { Runtime } from '../runtime.ts';
import { type OutboxRow, publish, SHARDS, shardHash } from './outbox.ts';
import { remove } from './writes.ts';

const PAGE = 200;
/** Questions asked at once; more would only meet the store's throttle. */
const PARALLEL = 16;

/**
 * Sends what has become due: timers, and what a crash left in an outbox. A row that could not be sent stays. Sending
 * twice is possible (a crash between sending and removing) and harmless: consumers know the message's id.
 * @returns how many messages left
 */
export async function sweep(runtime: Runtime, signal?: AbortSignal): Promise<number> {
  let sent = 0;
  for (let shard = 0; shard < SHARDS; shard += PARALLEL) {
    signal?.throwIfAborted();
    const shards = Array.from({ length: Math.min(PARALLEL, SHARDS - shard) }, (_, i) => shard + i);
    const counts = await Promise.all(shards.map((one) => sweepShard(runtime, one, signal)));
    sent += counts.reduce((a, b) => a + b, 0);
  }
  return sent;
}

async function sweepShard(runtime: Runtime, shard: number, signal: AbortSignal | undefined): Promise<number> {
  let sent = 0;
  let cursor: string | undefined;
  do {
    const page = await runtime.store.find('due', shardHash(shard), {
      to: timeKey(runtime.clock.now()),
      limit: PAGE,
      ...(cursor ? { cursor } : {}),
    });
    if (page.items.length > 0) {
      await publish(
        runtime,
        page.items.map((item) => item.value as unknown as OutboxRow),
      ); // only outbox rows carry this index hash
      await Promise.all(page.items.map((item) => removeSent(runtime, item)));
      sent += page.items.length;
    }
    cursor = page.cursor;
  } while (cursor && !signal?.aborted);
  return sent;
}

/** Unless it changed meanwhile: a timer that was set anew keeps its row. */
async function removeSent(runtime: Runtime, item: Item): Promise<void> {
  try {
    await runtime.store.commit(item.partition, [remove(item.key, item.version)], newId('cmt', runtime.clock.now()));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
  }
}
