import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { ConflictError } from '../../shared/errors.ts';
import { bytesOf, type ObjectsBench, sha256, streamed, textOf } from './objects-bench.ts';
import { rejection } from './support.ts';

export function contentBehaviour(bench: ObjectsBench): void {
  it('returns what was put, with what is known of it', async () => {
    const key = `${bench.folder}/report.json`;
    const put = await bench.objects.put(key, '{"é":1}', { contentType: 'application/json' });
    expect(put).toMatchObject({ key, size: 8, contentType: 'application/json' });
    expect(put.etag).toEqual(expect.any(String));
    expect(await bench.objects.head(key)).toMatchObject({
      key,
      size: 8,
      etag: put.etag,
      contentType: 'application/json',
    });
    const stored = await bench.objects.get(key);
    expect(stored).toMatchObject({ key, size: 8, etag: put.etag, contentType: 'application/json' });
    expect(await textOf(stored)).toBe('{"é":1}');
    expect(stored?.modifiedAt).toBeGreaterThan(1_500_000_000_000);
  });

  it('has nothing where nothing was put', async () => {
    const key = `${bench.folder}/nothing`;
    expect([await bench.objects.get(key), await bench.objects.head(key)]).toEqual([undefined, undefined]);
    expect(await bench.objects.get(key, { start: 0, end: 1 })).toBeUndefined();
  });

  it('keeps text, bytes, an empty object and a stream as they are', async () => {
    const { objects, folder } = bench;
    const bytes = randomBytes(10_000);
    await objects.put(`${folder}/bytes`, bytes);
    await objects.put(`${folder}/empty`, '');
    const { body, digest } = streamed(200_000);
    await objects.put(`${folder}/stream`, body);
    expect(await bytesOf(await objects.get(`${folder}/bytes`))).toEqual(bytes);
    expect(await bytesOf(await objects.get(`${folder}/empty`))).toHaveLength(0);
    expect(await objects.head(`${folder}/empty`)).toMatchObject({ size: 0 });
    expect(sha256(await bytesOf(await objects.get(`${folder}/stream`)))).toBe(digest());
  });

  it('takes 20 MB as a stream, in parts, and streams them back', async () => {
    const { body, digest } = streamed(20_000_000);
    const put = await bench.objects.put(`${bench.folder}/large`, body, { contentType: 'application/octet-stream' });
    expect(put).toMatchObject({ size: 20_000_000, contentType: 'application/octet-stream' });
    const stored = await bench.objects.get(`${bench.folder}/large`);
    expect(stored?.etag).toBe(put.etag);
    expect(sha256(await bytesOf(stored))).toBe(digest());
    const middle = await bytesOf(
      await bench.objects.get(`${bench.folder}/large`, { start: 8_388_600, end: 8_388_619 }),
    );
    expect(middle).toHaveLength(20);
  });

  it('stores nothing of a stream that breaks, small or in parts, and leaves what was there', async () => {
    const { objects, folder } = bench;
    await objects.put(`${folder}/there`, 'before');
    for (const failAt of [1_000, 10_000_000]) {
      await expect(objects.put(`${folder}/new`, streamed(20_000_000, failAt).body)).rejects.toThrow();
      await expect(objects.put(`${folder}/there`, streamed(20_000_000, failAt).body)).rejects.toThrow();
    }
    expect(await objects.head(`${folder}/new`)).toBeUndefined();
    expect(await textOf(await objects.get(`${folder}/there`))).toBe('before');
  });

  it.each([
    ['the first bytes', { start: 0, end: 3 }, '0123'],
    ['bytes in the middle', { start: 4, end: 4 }, '4'],
    ['the rest', { start: 7 }, '789'],
    ['a range beyond the end', { start: 8, end: 99 }, '89'],
  ])('reads %s alone, and knows the whole size', async (_, range, expected) => {
    const key = `${bench.folder}/digits`;
    await bench.objects.put(key, '0123456789');
    const stored = await bench.objects.get(key, range);
    expect(stored?.size).toBe(10);
    expect(await textOf(stored)).toBe(expected);
  });

  it('can be left in the middle of a read', async () => {
    const key = `${bench.folder}/left`;
    await bench.objects.put(key, randomBytes(3_000_000));
    const stored = await bench.objects.get(key);
    const reader = stored?.body.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await reader?.cancel();
    expect(await bench.objects.head(key)).toMatchObject({ size: 3_000_000 });
  });

  it('overwrites, with a new etag', async () => {
    const key = `${bench.folder}/again`;
    const first = await bench.objects.put(key, 'one', { contentType: 'text/plain' });
    const second = await bench.objects.put(key, 'other', { contentType: 'text/csv' });
    expect(second.etag).not.toBe(first.etag);
    expect(await bench.objects.head(key)).toMatchObject({ size: 5, etag: second.etag, contentType: 'text/csv' });
  });

  it('deletes, also what is not there', async () => {
    const key = `${bench.folder}/gone`;
    await bench.objects.put(key, 'x');
    await bench.objects.delete(key);
    await bench.objects.delete(key);
    expect(await bench.objects.get(key)).toBeUndefined();
  });

  it('copies content and type; what is not there cannot be copied', async () => {
    const { objects, folder } = bench;
    await objects.put(`${folder}/a b+ü.csv`, 'a;b', { contentType: 'text/csv' });
    expect(await objects.copy(`${folder}/a b+ü.csv`, `${folder}/to`)).toMatchObject({
      key: `${folder}/to`,
      size: 3,
      contentType: 'text/csv',
    });
    await objects.put(`${folder}/a b+ü.csv`, 'changed');
    expect(await textOf(await objects.get(`${folder}/to`))).toBe('a;b');
    expect(await rejection(objects.copy(`${folder}/missing`, `${folder}/to`))).toMatchObject({
      code: 'not_found',
      status: 404,
    });
  });
}

export function conditionBehaviour(bench: ObjectsBench): void {
  it('puts an absent object once', async () => {
    const key = `${bench.folder}/once`;
    await bench.objects.put(key, 'first', { if: 'absent' });
    await expect(bench.objects.put(key, 'second', { if: 'absent' })).rejects.toBeInstanceOf(ConflictError);
    expect(await textOf(await bench.objects.get(key))).toBe('first');
  });

  it('puts over the etag that was read, and over no other', async () => {
    const key = `${bench.folder}/pointer`;
    const { etag } = await bench.objects.put(key, '1');
    const next = await bench.objects.put(key, '2', { if: etag });
    await expect(bench.objects.put(key, '3', { if: etag })).rejects.toBeInstanceOf(ConflictError);
    await bench.objects.put(key, '4', { if: next.etag });
    expect(await textOf(await bench.objects.get(key))).toBe('4');
  });

  it('refuses an etag where there is nothing', async () => {
    const key = `${bench.folder}/deleted`;
    const { etag } = await bench.objects.put(key, '1');
    await bench.objects.delete(key);
    await expect(bench.objects.put(key, '2', { if: etag })).rejects.toBeInstanceOf(ConflictError);
    expect(await bench.objects.head(key)).toBeUndefined();
  });

  it('keeps to its condition in parts as well', async () => {
    const key = `${bench.folder}/large`;
    await bench.objects.put(key, 'small');
    await expect(bench.objects.put(key, streamed(9_000_000).body, { if: 'absent' })).rejects.toBeInstanceOf(
      ConflictError,
    );
    expect(await textOf(await bench.objects.get(key))).toBe('small');
  });

  it.each(['absent', 'etag'])('lets one of ten competing puts win (%s)', async (kind) => {
    const key = `${bench.folder}/race`;
    const condition = kind === 'absent' ? 'absent' : (await bench.objects.put(key, 'start')).etag;
    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => bench.objects.put(key, `writer ${i}`, { if: condition })),
    );
    const winners = settled.flatMap((result, i) => (result.status === 'fulfilled' ? [`writer ${i}`] : []));
    for (const result of settled) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConflictError);
    expect(winners).toEqual([await textOf(await bench.objects.get(key))]);
  });
}
