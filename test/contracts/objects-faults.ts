import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { AppError, ConflictError, UnavailableError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Objects } from '../../shared/ports/objects.ts';
import { bytesOf, type OpenedObjects } from './objects-bench.ts';
import { type Faults, manualClock, rejection, type SuiteOptions, suite, unique } from './support.ts';

/** As for `objectsContract`, with faults; time-outs of the adapter should be set to a second or less. */
export type OpenFaultyObjects = (options: { clock: Clock }) => Promise<OpenedObjects & { readonly faults: Faults }>;

/** What an object store promises when the network or the cloud does not. */
export function objectsFaultContract(name: string, open: OpenFaultyObjects, options: SuiteOptions = {}): void {
  suite(`objects under faults: ${name}`, options, () => {
    let objects: Objects;
    let faults: Faults;
    let key: string;
    let close = async () => {};
    beforeAll(async () => {
      ({ objects, faults, close } = await open({ clock: manualClock() }));
    });
    beforeEach(() => {
      key = `${unique('faults')}/object`;
    });
    afterEach(() => faults.heal());
    afterAll(() => close());

    it.each([
      ['the connection is refused', () => faults.refuse(), 'none'],
      ['the answer is cut', () => faults.resetMidAnswer(), 'unknown'],
      ['no answer comes', () => faults.timeoutAfterEffect(), 'unknown'],
      ['it is throttled without end', () => faults.throttle(1_000_000), 'none'],
    ] as const)('is unavailable when %s', async (_, fault, outcome) => {
      await fault();
      const error = await rejection(objects.put(key, 'x'));
      expect(error).toBeInstanceOf(UnavailableError);
      expect(error).toMatchObject({ outcome, retryable: true });
      for (const read of await Promise.allSettled([objects.head(key), objects.list(key), objects.get(key)]))
        expect(read).toMatchObject({ status: 'rejected', reason: expect.any(UnavailableError) });
    });

    it('has nothing after a refused put, and takes it when the connection is back', async () => {
      await faults.refuse();
      await rejection(objects.put(key, 'x'));
      await faults.heal();
      expect(await objects.head(key)).toBeUndefined();
      await objects.put(key, 'x', { if: 'absent' });
      expect(await objects.head(key)).toMatchObject({ size: 1 });
    });

    // A retry inside the adapter or its SDK meets its own object: that is no conflict with somebody else.
    it('never takes its own put for a conflict when an answer is cut once', async () => {
      await faults.resetMidAnswer(1);
      const thrown = await objects.put(key, 'mine', { if: 'absent' }).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(thrown).not.toBeInstanceOf(ConflictError);
      if (thrown !== undefined) expect(thrown).toMatchObject({ name: 'UnavailableError', outcome: 'unknown' });
      await faults.heal();
      expect((await bytesOf(await objects.get(key))).toString()).toBe('mine');
    });

    it.each([undefined, 1])('tries throttled calls again until they succeed (Retry-After: %s)', async (retryAfter) => {
      await faults.throttle(2, retryAfter);
      await objects.put(key, 'x');
      expect(faults.throttled()).toBe(2);
      await faults.throttle(2, retryAfter);
      expect((await bytesOf(await objects.get(key))).toString()).toBe('x');
      expect(faults.throttled()).toBe(4);
    });

    it('tries a throttled part of a large stream again', async () => {
      const part = randomBytes(1_000_000);
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        async pull(controller) {
          if (sent === 9) await faults.throttle(2);
          if (sent === 18) return controller.close();
          sent++;
          controller.enqueue(part);
        },
      });
      expect(await objects.put(key, body)).toMatchObject({ size: 18_000_000 });
      expect(faults.throttled()).toBe(2);
      expect((await bytesOf(await objects.get(key))).equals(Buffer.concat(Array(18).fill(part)))).toBe(true);
    });

    it('says that credentials have expired, and does not try again', async (ctx) => {
      if (!faults.expireCredentials) return ctx.skip('this edge knows no credentials');
      await faults.expireCredentials();
      const error = await rejection(objects.put(key, 'x'));
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'credentials', retryable: false });
    });
  });
}
