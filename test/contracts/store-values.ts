import { expect, it } from 'vitest';
import { LimitError } from '../../shared/errors.ts';
import type { Json, Write } from '../../shared/ports/store.ts';
import { mustGet, put, type StoreBench } from './store-bench.ts';

/** Keys that some cloud's identifiers, URLs or separators would stumble over. */
export const UNUSUAL_KEYS = [
  'a#b',
  'a/b',
  '/',
  '#',
  '%',
  '%2F',
  'a b',
  ' a',
  'a ',
  '?q=1&r',
  'back\\slash',
  '.',
  '..',
  '__x__',
  "it's",
  '"',
  'ünï',
  '日本',
  '🎫',
  '🎫#~',
];

const UNUSUAL_VALUES: Record<string, Json> = {
  null: null,
  false: false,
  zero: 0,
  'an empty string': '',
  'an empty array': [],
  'an empty object': {},
  'nested nulls': { a: null, b: [null, { c: null }], d: {} },
  'nested arrays': [[], [[1], [[2, [3]]]], 'x'],
  'text of many scripts': 'naïve · Ελλάδα · 日本語 · עברית · 👩‍👩‍👧 · \u0000\u001f\u2028"\\',
  'large and small numbers': [
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    Number.MAX_VALUE,
    5e-324,
    0.1,
    1e21,
    -1.5,
  ],
  'numbers as text': { money: '12345678901234567890.123456789', n: '007' },
  'unusual field names': {
    '': 1,
    'a.b': 2,
    'a/b': 3,
    $set: 4,
    __name__: 5,
    ünï: 6,
    id: 7,
    partition: 8,
    key: 9,
    version: 10,
    ttl: 11,
  },
  'a field that JavaScript treats specially': JSON.parse('{"__proto__":{"x":1}}'),
  'deep nesting': JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`),
};

export function valueBehaviour(bench: StoreBench): void {
  it('returns what was put, with its partition, key, commit id and a version', async () => {
    const { store, partition } = bench;
    await store.commit(partition, [put('head', { n: 1 })], 'commit-1');
    const item = await mustGet(store, partition, 'head');
    expect(item).toEqual({ partition, key: 'head', value: { n: 1 }, version: item.version, commitId: 'commit-1' });
    expect(item.version).toEqual(expect.any(String));
  });

  it('has nothing where nothing was put', async () => {
    expect(await bench.store.get(bench.partition, 'nothing')).toBeUndefined();
  });

  it.each(Object.entries(UNUSUAL_VALUES))('keeps %s', async (_, value) => {
    const { store, partition } = bench;
    await store.commit(partition, [put('head', value)], 'c');
    expect((await mustGet(store, partition, 'head')).value).toStrictEqual(value);
  });

  it('drops fields that are undefined, as JSON does', async () => {
    const { store, partition } = bench;
    await store.commit(partition, [put('head', { a: 1, b: undefined })], 'c');
    expect((await mustGet(store, partition, 'head')).value).toStrictEqual({ a: 1 });
  });

  it('keeps unusual keys apart, in get and in list', async () => {
    const { store, partition } = bench;
    await store.commit(
      partition,
      UNUSUAL_KEYS.map((key) => put(key, { key })),
      'c',
    );
    for (const key of UNUSUAL_KEYS) expect((await mustGet(store, partition, key)).value).toEqual({ key });
    const { items } = await store.list(partition);
    expect(new Set(items.map((item) => item.key))).toEqual(new Set(UNUSUAL_KEYS));
  });

  it('keeps partitions apart, whatever their names', async () => {
    const { store, partition } = bench;
    const others = [partition, `${partition}/x`, `${partition}#x`, `${partition} x`, `${partition}🎫`];
    for (const each of others) await store.commit(each, [put('x', each), put('x#y', each)], 'c');
    for (const each of others) {
      expect((await store.list(each)).items.map((item) => [item.key, item.value])).toEqual([
        ['x', each],
        ['x#y', each],
      ]);
    }
  });

  it('names the last commit that wrote an item, and leaves that of its neighbours', async () => {
    const { store, partition } = bench;
    await store.commit(partition, [put('a', 1), put('b', 1)], 'first');
    await store.commit(partition, [put('b', 2)], 'second');
    const { items } = await store.list(partition);
    expect(items.map((item) => [item.key, item.value, item.commitId])).toEqual([
      ['a', 1, 'first'],
      ['b', 2, 'second'],
    ]);
  });
}

export function limitBehaviour(bench: StoreBench): void {
  const commit = (writes: readonly Write[]) => bench.store.commit(bench.partition, writes, 'c');
  const many = (count: number, size: number) =>
    Array.from({ length: count }, (_, i) => put(`k${String(i).padStart(3, '0')}`, 'x'.repeat(size)));
  /** A JSON text of exactly `size` bytes, made of three-byte characters and filled up. */
  const multiByte = (size: number) => '€'.repeat(Math.floor((size - 2) / 3)) + 'x'.repeat((size - 2) % 3);

  it('takes 100 writes of 1.9 MB together', async () => {
    await commit(many(100, 19_000));
    const seen = await bench.store.list(bench.partition, { limit: 1_000 });
    expect(seen.items.length).toBeGreaterThan(0);
    expect((await mustGet(bench.store, bench.partition, 'k099')).value).toBe('x'.repeat(19_000));
  });

  it('takes an item of 380,000 bytes, counted as UTF-8', async () => {
    await commit([put('ascii', 'x'.repeat(379_998))]);
    await commit([put('multi', multiByte(380_000))]);
    expect((await mustGet(bench.store, bench.partition, 'multi')).value).toBe(multiByte(380_000));
  });

  it('takes keys of 512 bytes', async () => {
    const keys = ['k'.repeat(512), 'é'.repeat(256), '/'.repeat(512)];
    await commit(keys.map((key) => put(key, key)));
    for (const key of keys) expect((await mustGet(bench.store, bench.partition, key)).value).toBe(key);
  });

  const refused: Record<string, () => Write[]> = {
    'no writes at all': () => [],
    '101 writes': () => many(101, 1),
    'more than 2 MB together': () => many(100, 20_000),
    'an item of 380,001 bytes': () => [put('a', 'x'.repeat(379_999))],
    'an item of 380,001 bytes in fewer characters': () => [put('a', multiByte(380_001))],
    'a key of 513 bytes': () => [put('k'.repeat(513), 1)],
    'a key of 514 bytes in 257 characters': () => [put('é'.repeat(257), 1)],
    'an empty key': () => [put('', 1)],
    'the same key twice': () => [put('a', 1), { kind: 'check', key: 'a', if: 'absent' }],
  };
  it.each(Object.entries(refused))('refuses %s with a LimitError, and writes nothing', async (_, writes) => {
    await expect(commit(writes())).rejects.toBeInstanceOf(LimitError);
    expect((await bench.store.list(bench.partition)).items).toEqual([]);
  });
}
