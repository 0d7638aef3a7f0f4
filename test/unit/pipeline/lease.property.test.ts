import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { acquireLease, type Lease } from '../../../shared/lease.ts';
import { FAULTS, type Fate, withFaults } from '../../support/faulty.ts';
import { type Machine, openMachine } from '../../support/machine.ts';

let machine: Machine;
beforeAll(async () => {
  machine = await openMachine();
});
afterAll(() => machine.remove());

const TTL_MS = 1_000;
const HOLDERS = 3;
const Step = fc.oneof(
  fc.record({ kind: fc.constant('acquire' as const), who: fc.nat(HOLDERS - 1) }),
  fc.record({ kind: fc.constant('renew' as const), who: fc.nat(HOLDERS - 1) }),
  fc.record({ kind: fc.constant('release' as const), who: fc.nat(HOLDERS - 1) }),
  fc.record({ kind: fc.constant('race' as const), who: fc.constant(0) }),
  fc.record({ kind: fc.constant('wait' as const), who: fc.integer({ min: 1, max: 1_500 }) }),
);
const Steps = fc.array(fc.tuple(Step, fc.constantFrom<Fate>('well', 'well', ...FAULTS)), {
  minLength: 5,
  maxLength: 25,
});

it('a lease has at most one holder at a time, and its token grows with each', async () => {
  await fc.assert(
    fc.asyncProperty(Steps, async (steps) => {
      const name = crypto.randomUUID();
      const { clock, store, queues } = machine;
      let fate: Fate = 'well';
      // The fault comes with the write, after the read.
      const edge = withFaults({ store, queue: queues.queue, bus: queues.bus }, (_, kind) =>
        kind === 'commit' ? fate : 'well',
      );
      const runtime = { store: edge.store, clock };
      /** What each holder believes: its lease, and until when. */
      const held = new Map<number, { lease: Lease; until: number }>();
      let token = 0;

      const acquire = async (who: number) => {
        const lease = await acquireLease(runtime, name, TTL_MS).catch(() => undefined);
        if (!lease) return;
        expect(lease.token).toBeGreaterThan(token);
        token = lease.token;
        held.set(who, { lease, until: lease.until });
      };

      for (const [{ kind, who }, next] of steps) {
        fate = next;
        const mine = held.get(who);
        if (kind === 'wait') clock.advance(who);
        if (kind === 'acquire' && !mine) await acquire(who);
        if (kind === 'race') await Promise.all([...Array(HOLDERS).keys()].filter((one) => !held.has(one)).map(acquire));
        if (kind === 'renew' && mine) {
          const renewed = await mine.lease.renew().catch(() => undefined);
          if (renewed) mine.until = clock.now() + TTL_MS;
          // A conflict with its own retry looks like a loss, and giving up is safe.
          if (renewed === false) held.delete(who);
        }
        if (kind === 'release' && mine) {
          await mine.lease.release().catch(() => undefined);
          held.delete(who);
        }
        for (const [one, { until }] of held) if (until <= clock.now()) held.delete(one);
        expect(held.size).toBeLessThanOrEqual(1);
      }

      // Whatever went wrong, it is free again after its time.
      fate = 'well';
      clock.advance(TTL_MS + 1);
      expect((await acquireLease(runtime, name, TTL_MS))?.token).toBeGreaterThan(token);
    }),
    { numRuns: 150 },
  );
}, 60_000);
