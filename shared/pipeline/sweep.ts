import { newId, timeKey } from '../domain/ids.ts';
import { ConflictError } from '../errors.ts';
import type { Item } from '../ports/store.ts';
import type { Runtime } from '../runtime.ts';
import { GRACE_MS, type OutboxRow, publish, SHARDS, shardHash } from './outbox.ts';
import { remove } from './writes.ts';

const PAGE = 200;
/** Questions asked at once; more would only meet the store's throttle. */
const PARALLEL = 16;

/** A row of an outbox as the sweeper finds it. */
type Due = Item & { readonly row: OutboxRow };

/**
 * Sends what has become due: timers, and what a crash left in an outbox. A row that could not be sent stays, and keeps
 * no other from leaving; throws at the end when there were such. Sending twice is possible (a crash between sending and
 * removing) and harmless: consumers know the message's id.
 * @returns how many messages left
 */
export const sweep = (runtime: Runtime, signal?: AbortSignal): Promise<number> =>
  sweepShards(runtime, 0, () => true, signal);

/**
 * Sends at once what an earlier life of this process left in its outboxes, without the grace that the sweeper gives to
 * other instances; timers wait for their time. For the start of a host that runs alone.
 * @returns how many messages left
 */
export const recover = (runtime: Runtime): Promise<number> =>
  sweepShards(runtime, GRACE_MS, ({ row }) => row.timer !== true);

type Wanted = (due: Due) => boolean;

async function sweepShards(runtime: Runtime, aheadMs: number, wanted: Wanted, signal?: AbortSignal): Promise<number> {
  // Bounds are exclusive, and what is due now is due.
  const until = timeKey(runtime.clock.now() + aheadMs + 1);
  const failures: unknown[] = [];
  let sent = 0;
  for (let shard = 0; shard < SHARDS; shard += PARALLEL) {
    signal?.throwIfAborted();
    const shards = Array.from({ length: Math.min(PARALLEL, SHARDS - shard) }, (_, i) => shard + i);
    const swept = await Promise.allSettled(
      shards.map((one) => sweepShard(runtime, one, until, wanted, failures, signal)),
    );
    for (const one of swept)
      if (one.status === 'fulfilled') sent += one.value;
      else failures.push(one.reason);
  }
  if (failures.length > 0) throw failures[0];
  return sent;
}

async function sweepShard(
  runtime: Runtime,
  shard: number,
  until: string,
  wanted: Wanted,
  failures: unknown[],
  signal: AbortSignal | undefined,
): Promise<number> {
  let sent = 0;
  let cursor: string | undefined;
  do {
    const page = await runtime.store.find('due', shardHash(shard), {
      to: until,
      limit: PAGE,
      ...(cursor ? { cursor } : {}),
    });
    const due = page.items
      .map((item): Due => ({ ...item, row: item.value as unknown as OutboxRow })) // only outbox rows carry this index hash
      .filter(wanted);
    // By destination: a queue that takes nothing must not keep the others' messages back.
    const groups = Map.groupBy(due, ({ row }) => `${row.kind} ${row.to}`).values();
    for (const group of groups) {
      try {
        await publish(
          runtime,
          group.map(({ row }) => row),
        );
        await Promise.all(group.map((item) => removeSent(runtime, item)));
        sent += group.length;
      } catch (error) {
        failures.push(error);
      }
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
