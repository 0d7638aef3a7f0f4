import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { createRateLimiter } from '../../../shared/pipeline/rate-limit.ts';
import { FAULTS, type Fate, withFaults } from '../../support/faulty.ts';
import { type Machine, openMachine } from '../../support/machine.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await openMachine();
});
afterAll(() => machine.remove());

const WINDOW_MS = 60_000;

function limiters(limit: number, count: number, fateOf: (call: number) => Fate = () => 'well') {
  const { clock, store, queues } = machine;
  const edge = withFaults({ store, queue: queues.queue, bus: queues.bus }, fateOf);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  // Only these of the settings are read by a rate limit.
  const runtime = { store: edge.store, clock, log, settings: { ratePerMinute: limit } } as unknown as Parameters<
    typeof createRateLimiter
  >[0];
  return Array.from({ length: count }, () => createRateLimiter(runtime));
}

/** Lets a request through, or says why not. */
const admitted = async (limiter: ReturnType<typeof createRateLimiter>, who: string): Promise<boolean> => {
  try {
    await limiter(who);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'rate_limited', status: 429 });
    const { retryAfterSeconds = 0 } = error as AppError; // asserted above
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    return false;
  }
};

const untilNextWindow = () => WINDOW_MS - (machine.clock.now() % WINDOW_MS);
const Limit = fc.integer({ min: 1, max: 120 });

it('one instance admits exactly its limit a minute, and as many in the next', async () => {
  await fc.assert(
    fc.asyncProperty(Limit, fc.integer({ min: 1, max: 30 }), async (limit, atOnce) => {
      const who = crypto.randomUUID();
      const [limiter] = limiters(limit, 1);
      if (!limiter) throw new Error('No limiter');
      for (let window = 0; window < 2; window++) {
        machine.clock.advance(untilNextWindow());
        let count = 0;
        for (let asked = 0; asked < limit + atOnce; asked += atOnce)
          count += (await Promise.all(Array.from({ length: atOnce }, () => admitted(limiter, who)))).filter(
            Boolean,
          ).length;
        expect(count).toBe(limit);
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

it('all instances together never admit more than the limit, beside a slice for each fault of the store', async () => {
  const faults = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom(...FAULTS)), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(Limit, fc.integer({ min: 2, max: 4 }), faults, async (limit, instances, faults) => {
      const who = crypto.randomUUID();
      const fates = new Map<number, Fate>(faults);
      machine.clock.advance(untilNextWindow());
      const all = limiters(limit, instances, (call) => fates.get(call) ?? 'well');
      let count = 0;
      for (let asked = 0; asked < limit + 20; asked += all.length)
        count += (await Promise.all(all.map((one) => admitted(one, who)))).filter(Boolean).length;
      const slice = Math.max(1, Math.floor(limit / 20));
      expect(count).toBeLessThanOrEqual(limit + fates.size * slice);
    }),
    { numRuns: 100 },
  );
}, 60_000);

it('instances that come and go use up little: a hundredth one still admits a caller who has hardly asked', async () => {
  const who = crypto.randomUUID();
  machine.clock.advance(untilNextWindow());
  const admissions = [];
  for (const limiter of limiters(60_000, 100)) admissions.push(await admitted(limiter, who));
  expect(admissions).toEqual(Array(100).fill(true));
});
