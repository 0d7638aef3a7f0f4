import { expect, it } from 'vitest';
import type { Item, Page, Range } from '../../shared/ports/store.ts';
import { put, type StoreBench } from './store-bench.ts';
import { fill, numbered, ORDERED, refusesForeignCursors } from './store-pages.ts';
import { eventually, everyPage, rejection } from './support.ts';

export function findBehaviour(bench: StoreBench, count: number): void {
  const hash = (state: string): string => `contract-state#${bench.partition}#${state}`;
  const find = (state: string, range?: Range): Promise<Page<Item>> => bench.store.find('i1', hash(state), range);
  const all = (state: string, range: Range = {}): Promise<Item[]> =>
    everyPage((cursor) => find(state, { ...range, ...(cursor === undefined ? {} : { cursor }) }));
  const settled = (state: string, expected: number, range?: Range): Promise<Item[]> =>
    eventually(
      () => all(state, range),
      (items) => items.length === expected,
    );

  it('finds whole items of several partitions in order of their sort value', async () => {
    const { store, partition } = bench;
    for (const [key, sort] of [
      ['a', '3'],
      ['b', '1'],
      ['c', '2'],
    ] as const)
      await store.commit(
        `${partition}/${key}`,
        [put(key, { key }, { indexes: { i1: { hash: hash('open'), sort } } })],
        `c-${key}`,
      );
    const found = await settled('open', 3);
    expect(found.map((item) => item.key)).toEqual(['b', 'c', 'a']);
    expect(found[0]).toEqual(await store.get(`${partition}/b`, 'b'));
    expect((await settled('open', 3, { reverse: true })).map((item) => item.key)).toEqual(['a', 'c', 'b']);
  });

  it('goes by code unit of the sort value, also beyond ASCII', async () => {
    await fill(
      bench.store,
      bench.partition,
      ORDERED.map((sort, i) => put(`k${(i * 7) % 31}`, sort, { indexes: { i1: { hash: hash('order'), sort } } })),
    );
    expect((await settled('order', ORDERED.length)).map((item) => item.value)).toEqual(ORDERED);
  });

  it('keeps to prefix, from, to and limit of the sort value', async () => {
    const sorts = ['a#1', 'b#1', 'b#2', 'b#3', 'b#🎫', 'c#1'];
    await fill(
      bench.store,
      bench.partition,
      sorts.map((sort, i) => put(`k${i}`, sort, { indexes: { i1: { hash: hash('range'), sort } } })),
    );
    await settled('range', sorts.length);
    const values = async (range: Range) => (await find('range', range)).items.map((item) => item.value);
    expect(await values({ prefix: 'b#' })).toEqual(['b#1', 'b#2', 'b#3', 'b#🎫']);
    expect(await values({ prefix: 'b#', reverse: true, limit: 2 })).toEqual(['b#🎫', 'b#3']);
    expect(await values({ from: 'b#2', to: 'c#1' })).toEqual(['b#2', 'b#3', 'b#🎫']);
    expect(await values({ to: 'b#1' })).toEqual(['a#1']);
  });

  it('serves the three indexes of one item apart', async () => {
    const { store, partition } = bench;
    const indexes = {
      i1: { hash: hash('x'), sort: '1' },
      i2: { hash: hash('y'), sort: '2' },
      due: { hash: hash('z'), sort: '3' },
    };
    await store.commit(partition, [put('k', 'v', { indexes })], 'c');
    for (const [index, state] of [
      ['i1', 'x'],
      ['i2', 'y'],
      ['due', 'z'],
    ] as const) {
      const { items } = await eventually(
        () => store.find(index, hash(state)),
        (page) => page.items.length === 1,
      );
      expect(items.map((item) => item.value)).toEqual(['v']);
    }
    expect((await store.find('i1', hash('y'))).items).toEqual([]);
    expect((await store.find('i2', hash('z'))).items).toEqual([]);
    expect((await store.find('due', hash('x'))).items).toEqual([]);
  });

  it('moves an entry when its item is rewritten, and drops it when it is rewritten without or deleted', async () => {
    const { store, partition } = bench;
    const entry = (state: string) => ({ indexes: { i1: { hash: hash(state), sort: '1' } } });
    await store.commit(
      partition,
      [put('moves', 1, entry('before')), put('drops', 1, entry('before')), put('goes', 1, entry('before'))],
      'c',
    );
    await settled('before', 3);
    await store.commit(
      partition,
      [put('moves', 2, entry('after')), put('drops', 2), { kind: 'delete', key: 'goes', if: 'any' }],
      'd',
    );
    expect(await settled('before', 0)).toEqual([]);
    expect((await settled('after', 1)).map((item) => [item.key, item.value])).toEqual([['moves', 2]]);
  });

  it('shows no entry of a commit that failed', async () => {
    const { store, partition } = bench;
    await store.commit(partition, [put('taken', 1)], 'c');
    const indexes = { i1: { hash: hash('failed'), sort: '1' } };
    await rejection(
      store.commit(partition, [put('new', 1, { indexes }), put('taken', 2, { if: 'absent', indexes })], 'd'),
    );
    await store.commit(partition, [put('other', 1, { indexes: { i1: { hash: hash('later'), sort: '1' } } })], 'e');
    await settled('later', 1);
    expect((await find('failed')).items).toEqual([]);
  });

  it('pages through items of equal and different sort values with nothing twice and nothing missed', async () => {
    const { store, partition } = bench;
    const keys = Array.from({ length: count }, (_, i) => numbered(i));
    const writes = keys.map((key, i) =>
      put(key, key, { indexes: { i1: { hash: hash('page'), sort: `s${Math.floor(i / 7)}` } } }),
    );
    for (let i = 0; i < count; i += 100) await store.commit(`${partition}/${i}`, writes.slice(i, i + 100), 'fill');
    await settled('page', count, { limit: 1_000 });
    for (const reverse of [false, true]) {
      const seen = await all('page', { limit: 40, reverse });
      expect(seen.map((item) => item.key).toSorted()).toEqual(keys);
    }
  });

  it('refuses a cursor that belongs to another question', async () => {
    const { store, partition } = bench;
    const writes = Array.from({ length: 5 }, (_, i) =>
      put(`k${i}`, i, { indexes: { i1: { hash: hash('c'), sort: `${i}` } } }),
    );
    await store.commit(partition, writes, 'c');
    await settled('c', 5);
    const { cursor } = await find('c', { limit: 2 });
    expect(cursor).toEqual(expect.any(String));
    await refusesForeignCursors(
      cursor ?? '',
      (wrong) => find('d', { cursor: wrong }),
      (wrong) => find('c', { reverse: true, cursor: wrong }),
      (wrong) => find('c', { prefix: '1', cursor: wrong }),
      (wrong) => store.find('i2', hash('c'), { cursor: wrong }),
      (wrong) => store.list(partition, { cursor: wrong }),
    );
  });
}
