import { expect, it } from 'vitest';
import { OBJECT_LIMITS } from '../../shared/ports/objects.ts';
import type { ObjectsBench } from './objects-bench.ts';
import { rejection } from './support.ts';

export function linkBehaviour(bench: ObjectsBench): void {
  it('are read by anyone, with type and file name', async () => {
    const key = `${bench.folder}/Bericht ü&+%?.csv`;
    await bench.objects.put(key, 'a;b', { contentType: 'text/csv' });
    const response = await fetch(await bench.objects.signedLink(key, 300, { fileName: 'report "ü".csv' }));
    expect([response.status, await response.text()]).toEqual([200, 'a;b']);
    expect(response.headers.get('content-type')).toContain('text/csv');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment;.*report/);
  });

  it('open no other object', async (ctx) => {
    if (!bench.linksFollowClock) return ctx.skip('the emulator does not check signatures');
    await bench.objects.put(`${bench.folder}/mine`, 'mine');
    await bench.objects.put(`${bench.folder}/other`, 'other');
    const link = await bench.objects.signedLink(`${bench.folder}/mine`, 300);
    expect((await fetch(link.replace('/mine', '/other'))).status).toBe(403);
    expect((await fetch(link.replace(/\?.*/, ''))).status).toBe(403);
  });

  it('end when their time is over', async (ctx) => {
    if (!bench.linksFollowClock) return ctx.skip('the emulator goes by its own clock');
    const key = `${bench.folder}/short`;
    await bench.objects.put(key, 'x');
    const link = await bench.objects.signedLink(key, 60);
    bench.clock.advance(59_000);
    expect((await fetch(link)).status).toBe(200);
    bench.clock.advance(1_000);
    expect((await fetch(link)).status).toBe(403);
  });

  it.each([0, -1, OBJECT_LIMITS.linkSeconds + 1, Number.NaN])('are not made for %s seconds', async (seconds) => {
    const key = `${bench.folder}/x`;
    await bench.objects.put(key, 'x');
    expect(await rejection(bench.objects.signedLink(key, seconds))).toMatchObject({ retryable: false });
  });
}
