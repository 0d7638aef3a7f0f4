import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../shared/clouds/local/store.ts';
import { ConflictError, UnavailableError } from '../../shared/errors.ts';
import type { IndexEntries, Store } from '../../shared/ports/store.ts';
import { increment, stormWrites } from './local-writer.ts';
import { mustGet, put } from './store.ts';
import { everyPage, type ManualClock, manualClock, rejection } from './support.ts';

const WRITER = new URL('./local-writer.ts', import.meta.url).pathname;

describe('the local store', () => {
  let folder: string;
  let path: string;
  let clock: ManualClock;
  const opened: Store[] = [];
  const open = (options = {}): Store => {
    const store = openStore(path, clock, options);
    opened.push(store);
    return store;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'trifold-store-'));
    path = join(folder, 'data', 'store.db');
    clock = manualClock();
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close?.();
    rmSync(folder, { recursive: true });
  });

  it('settles each commit of one turn by itself, in order, the later seeing the earlier', async () => {
    const store = open();
    const settled = await Promise.allSettled([
      store.commit('p', [put('a', 1, { if: 'absent' })], '1'),
      store.commit('p', [put('a', 2, { if: 'absent' }), put('b', 2)], '2'),
      store.commit('p', [{ kind: 'delete', key: 'a', if: 'any' }], '3'),
      store.commit('p', [put('a', 4, { if: 'absent' }), put('c', 4)], '4'),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect((await store.list('p')).items.map(({ key, value }) => [key, value])).toEqual([
      ['a', 4],
      ['c', 4],
    ]);
  });

  it('keeps nothing of a commit that fails between two writes, and all of its neighbours', async () => {
    const store = open();
    // No caller in TypeScript can ask for this; a row that the database refuses stands for any surprise.
    const wrong = { i1: { hash: {}, sort: 'x' } } as unknown as IndexEntries;
    const settled = await Promise.allSettled([
      store.commit('p', [put('before', 1)], '1'),
      store.commit('p', [put('half', 1), put('wrong', 1, { indexes: wrong })], '2'),
      store.commit('p', [put('after', 1)], '3'),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await store.list('p')).items.map(({ key }) => key)).toEqual(['after', 'before']);
  });

  it('writes what is waiting when it is closed', async () => {
    const store = openStore(path, clock);
    const committed = store.commit('p', [put('a', 1)], '1');
    await store.close?.();
    await committed;
    expect((await mustGet(open(), 'p', 'a')).value).toBe(1);
  });

  it('repeats no version after a restart, even of an item that was deleted', async () => {
    const first = openStore(path, clock);
    await first.commit('p', [put('a', 1)], '1');
    const { version } = await mustGet(first, 'p', 'a');
    await first.commit('p', [{ kind: 'delete', key: 'a', if: 'any' }], '2');
    await first.close?.();
    const second = open();
    await second.commit('p', [put('a', 1)], '3');
    await expect(second.commit('p', [put('a', 2, { if: version })], '4')).rejects.toBeInstanceOf(ConflictError);
  });

  it('removes expired items in passing', async () => {
    const store = open();
    const expiresAt = clock.now() + 1_000;
    for (let i = 0; i < 7; i++)
      await store.commit(
        'p',
        Array.from({ length: 100 }, (_, n) => put(`${i}-${n}`, 1, { expiresAt })),
        'c',
      );
    clock.advance(60_000);
    for (let i = 0; i < 4; i++) await store.commit('q', [put('a', i)], 'c');
    const file = new DatabaseSync(path, { readOnly: true });
    expect(file.prepare('SELECT count(*) AS n FROM items').get()).toEqual({ n: 1 });
    file.close();
  });

  it('keeps keys with zero characters apart', async () => {
    const store = open();
    await store.commit('p\u0000', [put('a\u0000b', 1), put('a', 2), put('a\u0000c', 3)], 'c');
    expect((await store.list('p\u0000')).items.map(({ key }) => key)).toEqual(['a', 'a\u0000b', 'a\u0000c']);
    expect((await mustGet(store, 'p\u0000', 'a\u0000c')).value).toBe(3);
    expect((await store.list('p')).items).toEqual([]);
  });

  it('ends a page of large items early', async () => {
    const store = open();
    for (let i = 0; i < 20; i++) await store.commit('p', [put(`k${i + 10}`, 'x'.repeat(370_000))], 'c');
    const sizes: number[] = [];
    const items = await everyPage(
      (cursor) => store.list('p', { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }),
      (page) => void sizes.push(page.length),
    );
    expect(items).toHaveLength(20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(12);
  });

  it('can be read by its owner alone', async () => {
    const store = open();
    await store.commit('p', [put('a', 1)], 'c');
    for (const name of [path, `${path}-wal`]) expect(statSync(name).mode & 0o777).toBe(0o600);
  });

  it('says that a damaged file is damaged, and that trying again does not help', () => {
    open();
    writeFileSync(join(folder, 'other.db'), 'this is no database, whatever its name says'.repeat(100));
    path = join(folder, 'other.db');
    expect(() => open()).toThrow(expect.objectContaining({ code: 'damaged', retryable: false }));
  });

  it('says that the disk is full, writes nothing by halves, and goes on when there is room again', async () => {
    const store = open({ maxBytes: 600_000 });
    const large = (n: number) => [put(`a${n}`, 'x'.repeat(20_000)), put(`b${n}`, 'x'.repeat(20_000)), put(`c${n}`, n)];
    let error: unknown;
    let n = 0;
    for (; !error && n < 50; n++) error = await store.commit('p', large(n), 'c').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnavailableError);
    expect(error).toMatchObject({ outcome: 'none', retryable: true, message: expect.stringContaining('disk is full') });
    const whole = Array.from({ length: n - 1 }, (_, i) => [`a${i}`, `b${i}`, `c${i}`])
      .flat()
      .sort();
    expect((await store.list('p')).items.map(({ key }) => key).sort()).toEqual(whole);

    // Beside one that does not fit, in the same turn, those that fit are written.
    await store.commit('p', [{ kind: 'delete', key: 'b0', if: 'any' }], 'd');
    const [tooLarge, small] = await Promise.allSettled([
      store.commit('p', [put('a99', 'x'.repeat(300_000)), put('c99', 1)], 'c'),
      store.commit('q', [put('s', 1)], 'c'),
    ]);
    expect([tooLarge.status, small.status]).toEqual(['rejected', 'fulfilled']);
    expect(await store.get('p', 'c99')).toBeUndefined();

    await store.commit(
      'p',
      whole.map((key) => ({ kind: 'delete', key, if: 'any' })),
      'd',
    );
    await store.commit('p', large(100), 'c');
    expect((await store.list('p')).items).toHaveLength(3);
  });

  it('has every acknowledged commit, and every commit whole, after a kill in mid-storm', async () => {
    const child = spawn(process.execPath, [WRITER, 'storm', path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line);
      if (acknowledged.length === 1_500) child.kill('SIGKILL');
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(1_500);
    const store = open();
    const rows = new Map<string, number>();
    for (let i = 0; i < 5; i++) {
      const items = await everyPage((cursor) =>
        store.list(`writer-${i}`, { limit: 1_000, ...(cursor === undefined ? {} : { cursor }) }),
      );
      for (const { commitId } of items) rows.set(commitId, (rows.get(commitId) ?? 0) + 1);
    }
    expect([...rows].filter(([, count]) => count !== stormWrites(0).length)).toEqual([]);
    // The last line may be cut by the kill; every whole one stands for a commit.
    const lost = acknowledged.filter((line) => /^writer-\d \d+$/.test(line) && !rows.has(line.replace(' ', '#')));
    expect(lost).toEqual([]);
  });

  it('loses nothing when three processes write the same item', async () => {
    const store = open();
    const children = [1, 2].map(() =>
      spawn(process.execPath, [WRITER, 'increment', path, '150'], { stdio: 'inherit' }),
    );
    const [codes] = await Promise.all([
      Promise.all(children.map((child) => once(child, 'exit'))),
      increment(store, 150),
    ]);
    expect(codes.map(([code]) => code)).toEqual([0, 0]);
    expect((await mustGet(store, 'shared', 'counter')).value).toBe(450);
  });

  it('rejects what it is asked after it was closed', async () => {
    const store = openStore(path, clock);
    await store.close?.();
    expect(await rejection(store.get('p', 'a'))).toBeInstanceOf(Error);
    expect(await rejection(store.commit('p', [put('a', 1)], 'c'))).toBeInstanceOf(Error);
  });
});
