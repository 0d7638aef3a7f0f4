import { expect, it } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { OBJECT_LIMITS } from '../../shared/ports/objects.ts';
import { type ObjectsBench, textOf } from './objects-bench.ts';
import { everyPage } from './support.ts';

export function listBehaviour(bench: ObjectsBench, count: number): void {
  const list = (prefix: string, limit?: number) =>
    everyPage((cursor) =>
      bench.objects.list(prefix, {
        ...(cursor === undefined ? {} : { cursor }),
        ...(limit === undefined ? {} : { limit }),
      }),
    );

  it('lists nothing where nothing is', async () => {
    expect(await bench.objects.list(`${bench.folder}/`)).toEqual({ items: [] });
  });

  it('lists by any prefix, in order of key, with what is known of each', async () => {
    const { objects, folder } = bench;
    const names = ['a', 'a!b', 'a/b', 'a/b/c', 'a0', 'ab', 'b/a', 'ä', '日', '🎫'];
    for (const each of names.toReversed()) await objects.put(`${folder}/${each}`, each, { contentType: 'text/plain' });
    const keys = async (prefix: string) =>
      (await list(`${folder}/${prefix}`)).map((info) => info.key.slice(folder.length + 1));
    expect(await keys('')).toEqual(names);
    expect(await keys('a')).toEqual(['a', 'a!b', 'a/b', 'a/b/c', 'a0', 'ab']);
    expect(await keys('a/')).toEqual(['a/b', 'a/b/c']);
    const [first] = (await objects.list(`${folder}/b`)).items;
    expect(first).toMatchObject({ key: `${folder}/b/a`, size: 3 });
    expect(first?.etag).toBe((await objects.head(`${folder}/b/a`))?.etag);
  });

  it(`pages through ${count} objects, nothing twice and nothing missed`, { timeout: 120_000 }, async () => {
    const { objects, folder } = bench;
    const keys = Array.from(
      { length: count },
      (_, i) => `${folder}/part=${String(i % 7)}/${String(i).padStart(5, '0')}.ndjson`,
    ).sort();
    for (let i = 0; i < count; i += 50) await Promise.all(keys.slice(i, i + 50).map((key) => objects.put(key, key)));
    expect((await list(`${folder}/`, 100)).map((info) => info.key)).toEqual(keys);
    expect((await list(`${folder}/`)).map((info) => info.key)).toEqual(keys);
    expect((await objects.list(`${folder}/`, { limit: 10 })).items.length).toBeLessThanOrEqual(10);
  });

  it('goes on after the cursor when others put and delete between two pages', async () => {
    const { objects, folder } = bench;
    for (let i = 0; i < 12; i++) await objects.put(`${folder}/${String(i).padStart(2, '0')}`, 'x');
    const seen = await everyPage(
      (cursor) => objects.list(`${folder}/`, { limit: 5, ...(cursor === undefined ? {} : { cursor }) }),
      async (items) => {
        const last = items.at(-1)?.key;
        if (last) await Promise.all([objects.put(`${folder}/000`, 'early'), objects.delete(last)]);
      },
    );
    expect(seen.map((info) => info.key)).toEqual(
      Array.from({ length: 12 }, (_, i) => `${folder}/${String(i).padStart(2, '0')}`),
    );
  });
}

export function keyBehaviour(bench: ObjectsBench): void {
  const unusual = [
    'with space',
    'plus+',
    'per%20cent',
    '100%',
    'ha#sh',
    'que?ry=1&b',
    'semi;colon',
    'ünï',
    '日本',
    '🎫',
    'quo\'te"s',
    'a=b,c@d:e',
    '~tilde',
    'UPPER',
    'upper',
    'x.',
    'con',
  ];
  it('takes unusual keys and keeps them apart', async () => {
    const { objects, folder } = bench;
    for (const name of unusual) await objects.put(`${folder}/${name}`, name);
    for (const name of unusual) expect(await textOf(await objects.get(`${folder}/${name}`))).toBe(name);
    const listed = await everyPage((cursor) => objects.list(`${folder}/`, cursor === undefined ? {} : { cursor }));
    expect(listed.map((info) => info.key).toSorted()).toEqual(unusual.map((name) => `${folder}/${name}`).toSorted());
  });

  it('takes keys of 900 bytes, in one part or in many', async () => {
    const one = `${bench.folder}/`.padEnd(OBJECT_LIMITS.keyBytes, 'k');
    const many = `${bench.folder}/`.padEnd(OBJECT_LIMITS.keyBytes, 'directory/').replace(/\/$/, 'x');
    for (const key of [one, many]) {
      await bench.objects.put(key, key.slice(0, 40));
      expect(await textOf(await bench.objects.get(key))).toBe(key.slice(0, 40));
    }
  });

  it('takes a key and keys below it', async () => {
    const { objects, folder } = bench;
    await objects.put(`${folder}/a/b`, 'below');
    await objects.put(`${folder}/a`, 'above');
    expect([await textOf(await objects.get(`${folder}/a`)), await textOf(await objects.get(`${folder}/a/b`))]).toEqual([
      'above',
      'below',
    ]);
  });

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '../a',
    'a/../b',
    'a/.',
    '.hidden',
    'a/.hidden',
    'a\\b',
    'a\u0000b',
    'a\nb',
    'k'.repeat(901),
    'é'.repeat(451),
  ])('refuses the key %j in every operation', async (key) => {
    const { objects, folder } = bench;
    const there = `${folder}/there`;
    await objects.put(there, 'x');
    const operations = [
      objects.put(key, 'x'),
      objects.get(key),
      objects.head(key),
      objects.delete(key),
      objects.copy(key, there),
      objects.copy(there, key),
      objects.signedLink(key, 60),
    ];
    for (const settled of await Promise.allSettled(operations)) {
      expect(settled.status).toBe('rejected');
      const reason = settled.status === 'rejected' ? settled.reason : undefined;
      expect(reason).toBeInstanceOf(AppError);
      expect(reason).toMatchObject({ retryable: false });
    }
  });
}
