import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ledger, openLedger } from '../../../../shared/models/routing/ledger.ts';
import { fromPico, toPico } from '../../../../shared/models/routing/usd.ts';
import { systemClock } from '../../../../shared/ports/clock.ts';
import { unique } from '../../../contracts/support.ts';
import { type Rig, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());

const LIMIT = toPico('10');
const cents = (n: number) => toPico((n / 100).toFixed(2));
const SOON = 30_000;

function open(partition: string, slices: bigint | undefined = 100n): Ledger {
  const { store } = rig;
  // Back-off in real time: without any, instances that contend would never get out of each other's way.
  const clock = { ...systemClock, now: () => rig.clock.now() };
  const expiresAt = clock.now() + 86_400_000;
  return openLedger({ store, clock, instance: unique('ins') }, { partition, limit: LIMIT, slices, expiresAt });
}
const soon = () => rig.clock.now() + SOON;

describe('a budget of 10 dollars', () => {
  it('is spent to the last call, and not beyond', async () => {
    const ledger = open(unique('budget'));
    let calls = 0;
    while (await ledger.reserve(cents(30), soon())) {
      calls += 1;
      await ledger.settle(cents(30), cents(30));
    }
    expect(calls).toBe(33);
    expect(await ledger.reserve(cents(10), soon())).toBe(true);
    expect(await ledger.reserve(cents(1), soon())).toBe(false);
  });

  it('gives back what a call did not need', async () => {
    const ledger = open(unique('budget'), undefined);
    for (let i = 0; i < 50; i++) {
      expect(await ledger.reserve(cents(500), soon())).toBe(true);
      await ledger.settle(cents(500), cents(10));
    }
    expect(ledger.used()).toBeLessThan(1);
  });

  it('counts what cost more than was estimated', async () => {
    const ledger = open(unique('budget'), undefined);
    expect(await ledger.reserve(cents(100), soon())).toBe(true);
    await ledger.settle(cents(100), cents(950));
    expect(await ledger.reserve(cents(51), soon())).toBe(false);
    expect(await ledger.reserve(cents(50), soon())).toBe(true);
  });

  it('gets the reservations of an instance that died back after a minute, without what it had settled', async () => {
    const partition = unique('budget');
    const [dead, alive] = [open(partition, undefined), open(partition, undefined)];
    expect(await dead.reserve(cents(400), soon())).toBe(true);
    await dead.settle(cents(400), cents(300));
    expect(await dead.reserve(cents(700), soon())).toBe(true);
    expect(await alive.reserve(cents(100), soon())).toBe(false);
    rig.clock.advance(61_000);
    expect(await alive.reserve(cents(700), soon())).toBe(true);
    expect(await alive.reserve(cents(1), soon())).toBe(false);
  });

  it('is not spent twice by an instance that was frozen while others took its slice back', async () => {
    const partition = unique('budget');
    const [frozen, other] = [open(partition, 2n), open(partition, 2n)];
    expect(await frozen.reserve(cents(100), soon())).toBe(true);
    await frozen.settle(cents(100), cents(10));
    rig.clock.advance(61_000);
    expect(await other.reserve(cents(990), soon())).toBe(true);
    await other.settle(cents(990), cents(990));
    // It still thinks of the rest of its slice.
    expect(await frozen.reserve(cents(1), soon())).toBe(false);
  });

  it('is never overspent by any number of instances, whatever they do (property)', async () => {
    const step = fc.record({
      who: fc.nat({ max: 4 }),
      estimate: fc.integer({ min: 1, max: 300 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      hold: fc.boolean(),
      pass: fc.constantFrom(0, 0, 0, 20_000, 70_000),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(100n, 4n, undefined),
        async (steps, slices) => {
          const partition = unique('budget');
          const ledgers = Array.from({ length: 5 }, () => open(partition, slices));
          let spent = 0n;
          for (const { who, estimate, share, hold, pass } of steps) {
            rig.clock.advance(pass);
            const ledger = ledgers[who];
            const amount = cents(estimate);
            if (!ledger || !(await ledger.reserve(amount, soon()))) continue;
            if (hold) continue;
            const really = cents(Math.floor(estimate * share));
            await ledger.settle(amount, really);
            spent += really;
          }
          expect(Number(fromPico(spent))).toBeLessThanOrEqual(10);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is never overspent by instances that ask at the same time', async () => {
    const partition = unique('budget');
    let spent = 0n;
    const work = async () => {
      const ledger = open(partition);
      for (let i = 0; i < 40; i++)
        if (await ledger.reserve(cents(7), soon())) {
          await ledger.settle(cents(7), cents(6));
          spent += cents(6);
        }
    };
    await Promise.all(Array.from({ length: 12 }, work));
    expect(Number(fromPico(spent))).toBeLessThanOrEqual(10);
    expect(Number(fromPico(spent))).toBeGreaterThan(9.5);
  });
});
