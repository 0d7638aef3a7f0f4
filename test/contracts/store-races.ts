import { expect, it } from 'vitest';
import { ConflictError } from '../../shared/errors.ts';
import { mustGet, put, type StoreBench } from './store-bench.ts';

/** Conditional writes decide races, never timing: nothing is lost and nothing wins twice. */
export function concurrencyBehaviour(bench: StoreBench, writers: number, increments: number): void {
  const names = Array.from({ length: writers }, (_, i) => `writer-${i}`);

  it(`loses none of ${writers} x ${increments} conditional increments`, { timeout: 120_000 }, async () => {
    const { store, partition } = bench;
    await store.commit(partition, [put('counter', 0)], 'start');
    const increment = async (writer: string, n: number): Promise<void> => {
      for (;;) {
        const { value, version } = await mustGet(store, partition, 'counter');
        try {
          const id = `${writer}#${n}`;
          return await store.commit(
            partition,
            [put('counter', Number(value) + 1, { if: version }), put(id, 1, { if: 'absent' })],
            id,
          );
        } catch (error) {
          if (!(error instanceof ConflictError)) throw error;
        }
      }
    };
    await Promise.all(
      names.map(async (writer) => {
        for (let n = 0; n < increments; n++) await increment(writer, n);
      }),
    );
    expect((await mustGet(store, partition, 'counter')).value).toBe(writers * increments);
  });

  it('lets one of many competing puts of an absent item win', async () => {
    const { store, partition } = bench;
    const settled = await Promise.allSettled(
      names.map((name) => store.commit(partition, [put('claim', name, { if: 'absent' }), put(name, 1)], name)),
    );
    const winners = names.filter((_, i) => settled[i]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    for (const result of settled) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(ConflictError);
    expect(await mustGet(store, partition, 'claim')).toMatchObject({ value: winners[0], commitId: winners[0] });
    expect((await store.list(partition)).items.map((item) => item.key)).toEqual(['claim', winners[0]]);
  });

  it('takes commits to different partitions at the same time', async () => {
    const { store, partition } = bench;
    await Promise.all(
      names.map((name) => store.commit(`${partition}/${name}`, [put('a', name, { if: 'absent' })], name)),
    );
    for (const name of names) expect((await mustGet(store, `${partition}/${name}`, 'a')).value).toBe(name);
  });
}
