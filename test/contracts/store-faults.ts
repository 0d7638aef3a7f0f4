import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { AppError, UnavailableError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Store } from '../../shared/ports/store.ts';
import { mustGet, type OpenedStore, put } from './store.ts';
import { type Faults, type ManualClock, manualClock, rejection, type SuiteOptions, suite, unique } from './support.ts';

/** As for `storeContract`, with faults; time-outs of the adapter should be set to a second or less. */
export type OpenFaultyStore = (options: { clock: Clock }) => Promise<OpenedStore & { readonly faults: Faults }>;

/** What a store promises when the network or the cloud does not. */
export function storeFaultContract(name: string, open: OpenFaultyStore, options: SuiteOptions = {}): void {
  suite(`store under faults: ${name}`, options, () => {
    let store: Store;
    let faults: Faults;
    let clock: ManualClock;
    let partition: string;
    let close = async () => {};
    beforeAll(async () => {
      clock = manualClock();
      ({ store, faults, close } = await open({ clock }));
    });
    afterAll(() => close());
    beforeEach(async () => {
      partition = unique('ws/faults');
      await store.commit(partition, [put('head', 0)], 'start');
    });
    afterEach(() => faults.heal());

    it('says "none" when the connection is refused, and nothing was written', async () => {
      await faults.refuse();
      const error = await rejection(store.commit(partition, [put('a', 1)], 'c'));
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ outcome: 'none', retryable: true });
      const reads = [store.get(partition, 'head'), store.list(partition), store.find('i1', partition)];
      for (const read of await Promise.allSettled(reads))
        expect(read).toMatchObject({ status: 'rejected', reason: expect.any(UnavailableError) });
      await faults.heal();
      expect(await store.get(partition, 'a')).toBeUndefined();
      expect((await mustGet(store, partition, 'head')).value).toBe(0);
    });

    const lost = [
      ['the connection is reset in the middle of the answer', (times?: number) => faults.resetMidAnswer(times)],
      ['no answer comes in time', (times?: number) => faults.timeoutAfterEffect(times)],
    ] as const;

    it.each(lost)('says "unknown" when %s for good, and the commit can be found by its id', async (_, fault) => {
      const { version } = await mustGet(store, partition, 'head');
      await fault();
      const error = await rejection(
        store.commit(partition, [put('head', 1, { if: version }), put('a', 1, { if: 'absent' })], 'mine'),
      );
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ outcome: 'unknown', retryable: true });
      await faults.heal();
      expect(await mustGet(store, partition, 'head')).toMatchObject({ value: 1, commitId: 'mine' });
      expect(await mustGet(store, partition, 'a')).toMatchObject({ value: 1, commitId: 'mine' });
    });

    // A retry inside the adapter or its SDK meets its own write: that is no conflict with somebody else.
    it.each(lost)('never takes its own commit for a conflict when %s once', async (_, fault) => {
      const { version } = await mustGet(store, partition, 'head');
      await fault(1);
      const commit = store.commit(partition, [put('head', 1, { if: version }), put('a', 1, { if: 'absent' })], 'mine');
      const thrown = await commit.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (thrown !== undefined) expect(thrown).toMatchObject({ name: 'UnavailableError', outcome: 'unknown' });
      await faults.heal();
      const { items } = await store.list(partition);
      expect(items.map((item) => [item.key, item.value, item.commitId])).toEqual([
        ['a', 1, 'mine'],
        ['head', 1, 'mine'],
      ]);
    });

    it.each([undefined, 1])(
      'tries a throttled commit again until it succeeds (Retry-After: %s)',
      async (retryAfter) => {
        await faults.throttle(3, retryAfter);
        await store.commit(partition, [put('a', 1, { if: 'absent' })], 'c');
        expect(faults.throttled()).toBe(3);
        expect((await mustGet(store, partition, 'a')).value).toBe(1);
      },
    );

    it('tries throttled reads again until they succeed', async () => {
      await faults.throttle(2);
      expect((await mustGet(store, partition, 'head')).value).toBe(0);
      await faults.throttle(2);
      expect((await store.list(partition)).items).toHaveLength(1);
      expect(faults.throttled()).toBe(4);
    });

    it('gives up on throttling that does not end, saying that nothing was written', async () => {
      await faults.throttle(1_000_000);
      const error = await rejection(store.commit(partition, [put('a', 1)], 'c'));
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ outcome: 'none' });
      await faults.heal();
      expect(await store.get(partition, 'a')).toBeUndefined();
    });

    it('says that credentials have expired, and does not try again', async (ctx) => {
      if (!faults.expireCredentials) return ctx.skip('this edge knows no credentials');
      await faults.expireCredentials();
      const error = await rejection(store.commit(partition, [put('a', 1)], 'c'));
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'credentials', retryable: false });
      expect(await rejection(store.get(partition, 'head'))).toMatchObject({ code: 'credentials', retryable: false });
    });
  });
}
