import { expect, it } from 'vitest';
import type { Item, Page, Range } from '../../shared/ports/store.ts';
import { put, type StoreBench } from './store-bench.ts';
import { fill, numbered, ORDERED, refusesForeignCursors, shuffled } from './store-pages.ts';
import { everyPage } from './support.ts';

const keysOf = (page: { items: readonly Item[] }): string[] => page.items.map((item) => item.key);

export function listBehaviour(bench: StoreBench, count: number): void {
  const list = (range?: Range): Promise<Page<Item>> => bench.store.list(bench.partition, range);

  it('has nothing in a partition that nobody wrote to', async () => {
    expect(await list()).toEqual({ items: [] });
  });

  it('goes by code unit, also beyond ASCII, and backwards', async () => {
    await fill(
      bench.store,
      bench.partition,
      shuffled(ORDERED).map((key) => put(key, 1)),
    );
    expect(keysOf(await list())).toEqual(ORDERED);
    expect(keysOf(await list({ reverse: true }))).toEqual(ORDERED.toReversed());
  });

  const KEYS = ['a', 'm', 'm#', 'm#1', 'm#2', 'm#3', 'm$', 'm#é', 'm#日', 'm#🎫', 'z'];
  const ranges: [string, Range, string[]][] = [
    ['a prefix', { prefix: 'm#' }, ['m#', 'm#1', 'm#2', 'm#3', 'm#é', 'm#日', 'm#🎫']],
    ['a prefix, backwards', { prefix: 'm#', reverse: true, limit: 3 }, ['m#🎫', 'm#日', 'm#é']],
    ['from, inclusive', { from: 'm#3' }, ['m#3', 'm#é', 'm#日', 'm#🎫', 'm$', 'z']],
    ['to, exclusive', { to: 'm#1' }, ['a', 'm', 'm#']],
    ['from and to', { from: 'm#1', to: 'm#3' }, ['m#1', 'm#2']],
    ['from and to, backwards', { from: 'm#1', to: 'm#3', reverse: true }, ['m#2', 'm#1']],
    ['prefix with from and to inside it', { prefix: 'm#', from: 'm#2', to: 'm#é' }, ['m#2', 'm#3']],
    [
      'prefix with from and to outside it',
      { prefix: 'm#', from: 'a', to: 'zz' },
      ['m#', 'm#1', 'm#2', 'm#3', 'm#é', 'm#日', 'm#🎫'],
    ],
    ['an empty interval', { from: 'm#2', to: 'm#2' }, []],
    ['an interval the wrong way round', { from: 'z', to: 'a' }, []],
    ['a prefix that nothing has', { prefix: 'q' }, []],
    ['the first two', { limit: 2 }, ['a', 'm']],
    ['the last two', { limit: 2, reverse: true }, ['z', 'm$']],
  ];
  it.each(ranges)('keeps to %s', async (_, range, expected) => {
    await fill(
      bench.store,
      bench.partition,
      KEYS.map((key) => put(key, 1)),
    );
    expect(keysOf(await list(range))).toEqual(expected);
  });

  it.each([false, true])(
    'pages with nothing twice and nothing missed while others insert and delete (reverse: %s)',
    async (reverse) => {
      const { store, partition } = bench;
      const keys = Array.from({ length: count }, (_, i) => numbered(i * 10));
      await fill(
        store,
        partition,
        shuffled(keys).map((key) => put(key, key)),
      );
      const inserted: string[] = [];
      const seen = await everyPage(
        (cursor) => list({ prefix: 'n#', limit: 40, reverse, ...(cursor === undefined ? {} : { cursor }) }),
        async (items, page) => {
          expect(items.length).toBeLessThanOrEqual(40);
          const last = items.at(-1)?.key;
          if (!last) return;
          // One on the far side of the cursor, one behind it; and the very item at which the page ended goes away.
          const extra = [`${last}a`, numbered(count * 10 + page), '0-before', 'o-behind'];
          inserted.push(...extra);
          await store.commit(
            partition,
            [...new Set(extra)].map((key) => put(key, 1)),
            'insert',
          );
          await store.commit(partition, [{ kind: 'delete', key: last, if: 'any' }], 'delete');
        },
      );
      const got = seen.map((item) => item.key);
      expect(new Set(got).size).toBe(got.length);
      expect(got).toEqual(reverse ? got.toSorted().reverse() : got.toSorted());
      expect(got.filter((key) => !inserted.includes(key)).toSorted()).toEqual(keys);
    },
  );

  it('passes over expired items without ending early', async () => {
    const { store, partition, clock } = bench;
    const expiresAt = clock.now() + 1_000;
    await fill(
      store,
      partition,
      Array.from({ length: 90 }, (_, i) => put(numbered(i), i, i >= 5 && i < 85 ? { expiresAt } : {})),
    );
    clock.advance(1_000);
    const seen = await everyPage((cursor) => list({ limit: 10, ...(cursor === undefined ? {} : { cursor }) }));
    expect(seen.map((item) => item.value)).toEqual([0, 1, 2, 3, 4, 85, 86, 87, 88, 89]);
  });

  it('refuses a cursor that belongs to another question', async () => {
    const { store, partition } = bench;
    await fill(
      store,
      partition,
      KEYS.map((key) => put(key, 1)),
    );
    await store.commit(`${partition}/other`, [put('a', 1), put('z', 1)], 'c');
    const { cursor } = await list({ prefix: 'm', limit: 2 });
    expect(cursor).toEqual(expect.any(String));
    await refusesForeignCursors(
      cursor ?? '',
      (wrong) => list({ prefix: 'a', cursor: wrong }),
      (wrong) => list({ cursor: wrong }),
      (wrong) => list({ prefix: 'm', reverse: true, cursor: wrong }),
      (wrong) => list({ prefix: 'm', from: 'm#', cursor: wrong }),
      (wrong) => store.list(`${partition}/other`, { prefix: 'm', cursor: wrong }),
      (wrong) => store.find('i1', partition, { prefix: 'm', cursor: wrong }),
    );
  });
}
