import type { Clock } from '../../shared/ports/clock.ts';
import type { Item, Json, Store, Write } from '../../shared/ports/store.ts';
import type { ManualClock } from './support.ts';

export interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
}
/** The adapter must take its time from `clock` alone: advancing it makes items expire, whatever the cloud still holds. */
export type OpenStore = (options: { clock: Clock }) => Promise<OpenedStore>;

/** What a group of tests may use; filled before its first test. */
export interface StoreBench {
  store: Store;
  clock: ManualClock;
  /** A fresh partition for each test. */
  partition: string;
}

export const put = (key: string, value: Json, rest: Partial<Extract<Write, { kind: 'put' }>> = {}): Write => ({
  kind: 'put',
  key,
  value,
  if: 'any',
  ...rest,
});

export async function mustGet(store: Store, partition: string, key: string): Promise<Item> {
  const item = await store.get(partition, key);
  if (!item) throw new Error(`${key} should be in ${partition}`);
  return item;
}
