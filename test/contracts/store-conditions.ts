import { expect, it } from 'vitest';
import { ConflictError } from '../../shared/errors.ts';
import type { Version, Write } from '../../shared/ports/store.ts';
import { mustGet, put, type StoreBench } from './store-bench.ts';
import { rejection } from './support.ts';

export function conditionBehaviour(bench: StoreBench): void {
  const read = (key: string) => mustGet(bench.store, bench.partition, key);
  const commit = (...writes: Write[]) => bench.store.commit(bench.partition, writes, 'c');

  it('puts an absent item once', async () => {
    await commit(put('a', 1, { if: 'absent' }));
    await expect(commit(put('a', 2, { if: 'absent' }))).rejects.toBeInstanceOf(ConflictError);
    expect((await read('a')).value).toBe(1);
  });

  it('puts over the version that was read, and over no other', async () => {
    await commit(put('a', 1));
    const { version } = await read('a');
    await commit(put('a', 2, { if: version }));
    await expect(commit(put('a', 3, { if: version }))).rejects.toBeInstanceOf(ConflictError);
    expect((await read('a')).value).toBe(2);
  });

  it('gives a new version to every put, also of the same value', async () => {
    await commit(put('a', 1));
    const { version } = await read('a');
    await commit(put('a', 1));
    expect((await read('a')).version).not.toBe(version);
  });

  it('shows the same version in get and in list', async () => {
    await commit(put('a', 1));
    const { items } = await bench.store.list(bench.partition);
    expect(items[0]?.version).toBe((await read('a')).version);
  });

  it('refuses the version of a life before: deleted and put anew', async () => {
    await commit(put('a', 1));
    const { version } = await read('a');
    await commit({ kind: 'delete', key: 'a', if: 'any' });
    await commit(put('a', 1, { if: 'absent' }));
    await expect(commit(put('a', 2, { if: version }))).rejects.toBeInstanceOf(ConflictError);
  });

  it('refuses a version where there is nothing', async () => {
    await commit(put('a', 1));
    const { version } = await read('a');
    await commit({ kind: 'delete', key: 'a', if: version });
    for (const write of conditional('a', version)) await expect(commit(write)).rejects.toBeInstanceOf(ConflictError);
    expect(await bench.store.get(bench.partition, 'a')).toBeUndefined();
  });

  it('deletes the version that was read, and no other', async () => {
    await commit(put('a', 1));
    const { version } = await read('a');
    await commit(put('a', 2));
    await expect(commit({ kind: 'delete', key: 'a', if: version })).rejects.toBeInstanceOf(ConflictError);
    await commit({ kind: 'delete', key: 'a', if: (await read('a')).version });
    expect(await bench.store.get(bench.partition, 'a')).toBeUndefined();
  });

  it('deletes without looking, also what is not there', async () => {
    await commit(put('a', 1));
    await commit({ kind: 'delete', key: 'a', if: 'any' }, { kind: 'delete', key: 'never', if: 'any' }, put('b', 1));
    expect((await bench.store.list(bench.partition)).items.map((item) => item.key)).toEqual(['b']);
  });

  it('checks an item without writing it', async () => {
    await commit(put('a', 1));
    const before = await read('a');
    await commit(
      { kind: 'check', key: 'a', if: before.version },
      { kind: 'check', key: 'b', if: 'absent' },
      put('c', 1),
    );
    expect(await read('a')).toEqual(before);
    expect(await bench.store.get(bench.partition, 'b')).toBeUndefined();
    await commit(put('a', 2), put('b', 2));
    for (const check of [
      { key: 'a', if: before.version },
      { key: 'b', if: 'absent' },
    ] as const)
      await expect(commit({ kind: 'check', ...check }, put('c', 2))).rejects.toBeInstanceOf(ConflictError);
    expect((await read('c')).value).toBe(1);
  });

  it('takes a commit of checks alone', async () => {
    await commit({ kind: 'check', key: 'a', if: 'absent' });
    await commit(put('a', 1));
    await expect(commit({ kind: 'check', key: 'a', if: 'absent' })).rejects.toBeInstanceOf(ConflictError);
  });

  it('writes all or nothing, and names every key whose condition failed', async () => {
    await commit(put('a', 1), put('b', 1), put('c', 1), put('d', 1));
    const stale = (await read('a')).version;
    await commit(put('a', 2), put('c', 2));
    const error = await rejection(
      commit(
        put('new', 1, { if: 'absent' }),
        put('a', 3, { if: stale }),
        put('b', 3, { if: 'absent' }),
        { kind: 'delete', key: 'd', if: 'any' },
        { kind: 'check', key: 'c', if: 'absent' },
      ),
    );
    expect(error).toBeInstanceOf(ConflictError);
    expect(error).toMatchObject({ code: 'conflict', status: 409, retryable: true });
    expect([...(error as ConflictError).keys].sort()).toEqual(['a', 'b', 'c']);
    const { items } = await bench.store.list(bench.partition);
    expect(items.map((item) => [item.key, item.value])).toEqual([
      ['a', 2],
      ['b', 1],
      ['c', 2],
      ['d', 1],
    ]);
  });
}

const conditional = (key: string, version: Version): Write[] => [
  put(key, 9, { if: version }),
  { kind: 'delete', key, if: version },
  { kind: 'check', key, if: version },
];

export function expiryBehaviour(bench: StoreBench): void {
  const entry = { i1: { hash: '', sort: 'x' } };
  const prepare = async (): Promise<{ version: Version; hash: string }> => {
    const { store, partition, clock } = bench;
    const hash = `${partition}#index`;
    const indexes = { ...entry, i1: { hash, sort: 'x' } };
    await store.commit(partition, [put('short', 1, { expiresAt: clock.now() + 60_000, indexes }), put('long', 1)], 'c');
    return { version: (await mustGet(store, partition, 'short')).version, hash };
  };

  it('returns an item until its time, and from then on never again', async () => {
    const { store, partition, clock } = bench;
    const { hash } = await prepare();
    clock.advance(59_999);
    expect(await store.get(partition, 'short')).toBeDefined();
    clock.advance(1);
    expect(await store.get(partition, 'short')).toBeUndefined();
    expect((await store.list(partition)).items.map((item) => item.key)).toEqual(['long']);
    expect((await store.find('i1', hash)).items).toEqual([]);
  });

  it('takes expired for absent in every condition', async () => {
    const { store, partition, clock } = bench;
    const { version } = await prepare();
    clock.advance(60_000);
    for (const write of conditional('short', version))
      await expect(store.commit(partition, [write], 'late')).rejects.toBeInstanceOf(ConflictError);
    await store.commit(partition, [{ kind: 'check', key: 'short', if: 'absent' }], 'check');
    await store.commit(partition, [put('short', 2, { if: 'absent' })], 'again');
    expect(await mustGet(store, partition, 'short')).toMatchObject({ value: 2, commitId: 'again' });
  });

  it('forgets the old time when an item is put again without one', async () => {
    const { store, partition, clock } = bench;
    await prepare();
    await store.commit(partition, [put('short', 2)], 'keep');
    clock.advance(120_000);
    expect((await mustGet(store, partition, 'short')).value).toBe(2);
  });

  it('fails an absent condition before the time and all that came with it', async () => {
    const { store, partition } = bench;
    await prepare();
    await expect(store.commit(partition, [put('short', 2, { if: 'absent' }), put('x', 1)], 'c')).rejects.toBeInstanceOf(
      ConflictError,
    );
    expect(await store.get(partition, 'x')).toBeUndefined();
  });
}
