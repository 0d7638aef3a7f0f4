import type { Reader } from '../context.ts';
import type { Item, Page } from '../ports/store.ts';
import type { Runtime } from '../runtime.ts';
import { indexHash } from './indexes.ts';

/** The store as one workspace sees it. */
export function createReader(store: Runtime['store'], workspace: string): Reader {
  const prefix = `${workspace}/`;
  const strip = <T>(item: Item): Item<T> =>
    // What the store holds was written by this app under its own schemas; `T` names the one that the caller knows.
    ({ ...item, partition: item.partition.slice(prefix.length) }) as Item<T>;
  const stripPage = <T>(page: Page<Item>): Page<Item<T>> => ({
    ...page,
    items: page.items.map((item) => strip<T>(item)),
  });
  return {
    async get<T>(partition: string, key: string) {
      const item = await store.get(prefix + partition, key);
      return item && strip<T>(item);
    },
    list: async <T>(partition: string, range = {}) => stripPage<T>(await store.list(prefix + partition, range)),
    find: async <T>(index: Parameters<Reader['find']>[0], name: string, hash: string, range = {}) =>
      stripPage<T>(await store.find(index, indexHash(workspace, hash ? `${name}#${hash}` : name), range)),
  };
}
