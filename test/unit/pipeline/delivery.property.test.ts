import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FAULTS, type Fate } from '../../support/faulty.ts';
import { type Machine, openMachine } from '../../support/machine.ts';
import { seeded } from '../../support/random.ts';

let machine: Machine;
beforeAll(async () => {
  // Crashes and repeated deliveries are no reason to bury anything here.
  machine = await openMachine({ TRIFOLD_MAX_ATTEMPTS: '100' });
});
afterAll(() => machine.remove());

const FATES: readonly Fate[] = ['well', ...FAULTS, 'crash before', 'crash after'];

/** One life of a process: what happens to it at which call, and how the queues treat it. */
const Life = fc.record({
  fate: fc.constantFrom(...FATES),
  place: fc.integer({ min: 1, max: 40 }),
  rounds: fc.integer({ min: 1, max: 4 }),
  most: fc.integer({ min: 1, max: 10 }),
  sweeps: fc.boolean(),
  shuffle: fc.integer(),
});

function shuffled(count: number, random: () => number): number[] {
  const order = [...Array(count).keys()];
  return order
    .map((i) => [random(), i] as const)
    .sort(([a], [b]) => a - b)
    .map(([, i]) => i);
}

it('duplicates, reordering and crashes between any two calls never make two effects and never lose one', async () => {
  const lives = fc.array(Life, { minLength: 1, maxLength: 4 });
  const entries = fc.integer({ min: 1, max: 3 });
  await fc.assert(
    fc.asyncProperty(lives, entries, entries, async (lives, messages, posts) => {
      const run = crypto.randomUUID();
      const sent = Array.from({ length: messages }, (_, i) => `${run} message ${i}`);
      const posted = new Map(Array.from({ length: posts }, (_, i) => [`${run}-post-${i}`, new Set<string>()]));
      for (const name of sent) await machine.send(name);
      for (const { fate, place, rounds, most, sweeps, shuffle } of lives) {
        const random = seeded(shuffle);
        const process = await machine.start((call) => (call === place ? fate : 'well'));
        for (let round = 0; round < rounds && !process.crashed(); round++) {
          for (const [key, ids] of posted) {
            const { id } = (await process.post(key, key)) ?? {};
            if (id) ids.add(id);
          }
          await process.consume({
            most,
            order: (count) => shuffled(count, random),
            times: () => (random() < 0.3 ? 2 : 1),
          });
          if (sweeps) {
            machine.clock.advance(31_000);
            await process.sweep();
          }
        }
      }
      // The last callers' holds run out with their deadline; then everybody is answered.
      machine.clock.advance(31_000);
      const healthy = await machine.start();
      for (const [key, ids] of posted) ids.add((await healthy.post(key, key))?.id ?? 'no answer');
      await machine.settle();
      for (const name of sent) expect(await machine.counts(name)).toEqual({ entry: 1, next: 1, counted: 1 });
      for (const [key, ids] of posted) {
        expect(ids.size).toBe(1);
        const [id = ''] = ids;
        expect((await machine.counts(id)).entry).toBe(1);
        expect(await machine.counts(key)).toEqual({ entry: 0, next: 1, counted: 1 });
      }
    }),
    { numRuns: 100 },
  );
}, 60_000);

it('the same idempotency key never makes two things, however many ask at once', async () => {
  const asks = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(asks, async (asks) => {
      const run = crypto.randomUUID();
      const processes = [await machine.start(), await machine.start()];
      const made = new Map<string, Set<string>>();
      const answers = await Promise.all(
        asks.map(async (ask, i) => [ask, await processes[i % 2]?.post(`${run}-${ask}`, `${run}-${ask}`)] as const),
      );
      for (const [ask, answer] of answers) {
        expect([201, 409]).toContain(answer?.status);
        if (answer?.id) made.set(ask, (made.get(ask) ?? new Set()).add(answer.id));
      }
      for (const ask of new Set(asks)) {
        expect(made.get(ask)?.size).toBe(1);
        const [id = ''] = made.get(ask) ?? [];
        expect((await machine.counts(id)).entry).toBe(1);
      }
      await machine.settle();
    }),
    { numRuns: 100 },
  );
}, 60_000);
